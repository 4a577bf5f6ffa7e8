/** Which samples the table lists. */

import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals';
import { SampleSet } from './sample_set';
import { payload, selected, shownMask, shownSplits, splitFilter } from './state';

/** Which samples the table lists: those of the shown splits, or the selected ones among them. */
export type TableScope = 'all' | 'selected';

export const tableScope: Signal<TableScope> = signal('all');

let byRow: SampleSet | null = null;

/** Changes the selection from within the table, which goes on listing what it lists. */
export function selectByRow(set: SampleSet): void {
  byRow = set;
  selected.value = set;
}

/** A selection made elsewhere is what the table lists next; without any it lists all. */
export function startTableScope(): () => void {
  let before = selected.peek();
  return effect(() => {
    const set = selected.value;
    if (set !== before && set !== byRow) tableScope.value = 'selected';
    if (set.size === 0) tableScope.value = 'all';
    before = set;
  });
}

/** The selected samples of the shown splits. */
export const listedSelection: ReadonlySignal<SampleSet> = computed(() => {
  if (splitFilter.value.length === 0) return selected.value;
  return selected.value.and(SampleSet.fromMask(shownMask.value));
});

/** How many samples the shown splits have. */
export const shownTotal: ReadonlySignal<number> = computed(() => {
  const splits = payload.value?.manifest.splits ?? [];
  return splits.reduce((sum, { name, count }) => sum + (shownSplits.value.has(name) ? count : 0), 0);
});
