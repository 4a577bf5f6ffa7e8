/** Selections that came before, so that one can be had back. */

import { type ReadonlySignal, type Signal, batch, computed, effect, signal } from '@preact/signals';
import { SampleSet } from './sample_set';
import { payload, selected } from './state';
import { selectByRow } from './table_scope';

const MOST = 50;

const past = signal<readonly SampleSet[]>([]);
const future = signal<readonly SampleSet[]>([]);
let present = SampleSet.EMPTY;
let probe: string | null = null;

export const canUndoSelection: ReadonlySignal<boolean> = computed(() => past.value.length > 0);
export const canRedoSelection: ReadonlySignal<boolean> = computed(() => future.value.length > 0);

/** Selects what was selected before. */
export function undoSelection(): void {
  move(past, future);
}

/** Takes the last undo back. */
export function redoSelection(): void {
  move(future, past);
}

function move(from: Signal<readonly SampleSet[]>, to: Signal<readonly SampleSet[]>): void {
  const next = from.peek().at(-1);
  if (!next) return;
  batch(() => {
    from.value = from.peek().slice(0, -1);
    to.value = [...to.peek(), present];
    const listed = present.size > 0;
    present = next;
    if (listed) selectByRow(next);
    else selected.value = next;
  });
}

/** Selects `set` in the place of what is selected now: an undo goes back behind both. */
export function reviseSelection(set: SampleSet): void {
  present = set;
  selected.value = set;
}

/** Remembers each selection of a probe set's samples until the returned function is called. */
export function startSelectionHistory(): () => void {
  return effect(() => {
    const set = selected.value;
    const of = payload.value?.manifest.probe ?? null;
    if (of !== probe) [past.value, future.value] = [[], []];
    else if (set !== present) [past.value, future.value] = [[...past.peek().slice(1 - MOST), present], []];
    [present, probe] = [set, of];
  });
}
