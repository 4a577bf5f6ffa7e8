/** What the page asks of the server, a module a noun; docs/http.md describes it. */

export { ApiError, asApiError, isStale } from './request';
export * from './aligned';
export * from './attribution';
export * from './comparison';
export * from './confusion';
export * from './duplicates';
export * from './dynamics';
export * from './images';
export * from './label_errors';
export * from './layers';
export * from './neighbors';
export * from './projections';
export * from './query';
export * from './runs';
export * from './samples';
