import { type JSX } from 'preact';
import { payload } from '../../store';

export function Samples(): JSX.Element {
  return (
    <>
      <header class="view-head"><h1>Samples</h1></header>
      <div class="view-body">{payload.value?.manifest.n_samples} samples</div>
    </>
  );
}
