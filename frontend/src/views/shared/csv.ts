export { csv } from '../../csv';
