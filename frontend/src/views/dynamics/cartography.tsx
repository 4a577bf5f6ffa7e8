import { type JSX } from 'preact';
import { Empty } from '../../elements/states';
import { steps } from '../../store';

/** How sure and how steady the network is of each sample's label (Swayamdipta et al. 2020). */
export function Cartography(): JSX.Element {
  return (
    <div class="view-body">
      {steps.value.length < 2 && <Empty>Trajectories need two logged epochs: the map shows here as soon as the next one ends.</Empty>}
    </div>
  );
}
