import { type JSX } from 'preact';
import { payload } from '../../store';

export function Overview(): JSX.Element {
  return (
    <>
      <header class="view-head"><h1>Overview</h1></header>
      <div class="view-body">{payload.value?.name}</div>
    </>
  );
}
