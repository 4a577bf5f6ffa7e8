/** Which columns the table shows. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { type ColumnInfo } from '../schema';
import { derivedColumns } from './dynamics';
import { colourBy, payload } from './state';
import { readStored, writeStored } from './storage';
import { tableSort } from './table';

const KEY = 'columns';
/** Of the derived columns those that are shown until the user chooses. */
const AT_FIRST = ['mean_margin', 'flips'];
/** What names a row. */
const ALWAYS = 'sample_index';

const choices = signal<Readonly<Record<string, boolean>>>(readChoices());

/** Those that the user may show or hide. */
export const optionalColumns: ReadonlySignal<readonly ColumnInfo[]> = computed(() =>
  (payload.value?.columns ?? []).filter(({ name }) => name !== ALWAYS),
);

/** Besides what is chosen, the one that the table is sorted by and the one that colours the page. */
export const tableColumnsShown: ReadonlySignal<ReadonlySet<string>> = computed(() => {
  const shown = payload.value;
  const hidden = new Set(shown ? derivedColumns(shown).map(({ name }) => name) : []);
  for (const name of AT_FIRST) hidden.delete(name);
  const names = (shown?.columns ?? []).map(({ name }) => name);
  const inUse = [ALWAYS, tableSort.value.column, colourBy.value];
  return new Set(names.filter((name) => inUse.includes(name) || (choices.value[name] ?? !hidden.has(name))));
});

export function showColumn(name: string, shown: boolean): void {
  choices.value = { ...choices.value, [name]: shown };
  writeStored(KEY, choices.value);
}

function readChoices(): Record<string, boolean> {
  const stored = readStored(KEY);
  if (typeof stored !== 'object' || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).filter(([, shown]) => typeof shown === 'boolean')) as Record<string, boolean>;
}
