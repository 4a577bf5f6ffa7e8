/** Selections that came before, so that one can be had back. */

import { effect } from '@preact/signals';
import { SampleSet } from './sample_set';
import { payload, selected } from './state';

const MOST = 50;

let past: SampleSet[] = [];
let future: SampleSet[] = [];
let present = SampleSet.EMPTY;
let probe: string | null = null;

/** Selects what was selected before. */
export function undoSelection(): void {
  move(past, future);
}

/** Takes the last undo back. */
export function redoSelection(): void {
  move(future, past);
}

function move(from: SampleSet[], to: SampleSet[]): void {
  const next = from.pop();
  if (!next) return;
  to.push(present);
  present = next;
  selected.value = next;
}

/** Remembers each selection of a probe set's samples until the returned function is called. */
export function startSelectionHistory(): () => void {
  return effect(() => {
    const set = selected.value;
    const of = payload.value?.manifest.probe ?? null;
    if (of !== probe) [past, future] = [[], []];
    else if (set !== present) {
      past = [...past.slice(1 - MOST), present];
      future = [];
    }
    [present, probe] = [set, of];
  });
}
