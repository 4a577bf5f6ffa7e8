/** By which fields the images are laid out, and the layout that follows. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { type ColumnInfo } from '../../schema';
import { colourBy, colouring, column, linkedText, payload } from '../../store';
import { type Field, fieldOf, noField } from './fields';
import { type FacetLayout, layoutFacets } from './layout';

/** What is in the link: '' is the default, `none` no field. */
export const NONE = 'none';
const across = linkedText('across');
const down = linkedText('down');
const labelled = linkedText('text');

export interface Choice {
  readonly name: ReadonlySignal<string>;
  choose(name: string): void;
}

function choiceOf(wanted: { value: string }, fallback: string): Choice {
  const name = computed(() => {
    const known = fieldColumns.value.some((entry) => entry.name === wanted.value) || wanted.value === NONE;
    return known ? wanted.value : fallback;
  });
  return { name, choose: (chosen) => void (wanted.value = chosen === fallback ? '' : chosen) };
}

/** Columns that images can be laid out by: not those with a value of its own for every sample. */
export const fieldColumns: ReadonlySignal<readonly ColumnInfo[]> = computed(() =>
  (payload.value?.columns ?? []).filter(({ kind, name }) => kind !== 'text' && !name.endsWith('_index')),
);

export const byColumn: Choice = choiceOf(across, 'label');
export const byRow: Choice = choiceOf(down, 'correct');
export const byText: Choice = choiceOf(labelled, 'prediction');

/** Width over height of the room for the images, and of one image. */
export const viewAspect = signal(1.5);

function field(choice: Choice): Field | null {
  const count = payload.value?.manifest.n_samples ?? 0;
  if (choice.name.value === NONE) return noField(count);
  const info = payload.value?.columns.find(({ name }) => name === choice.name.value);
  const data = column(choice.name.value).data.value;
  return info && data?.values.length === count ? fieldOf(data, info) : null;
}

export const columnField: ReadonlySignal<Field | null> = computed(() => field(byColumn));
export const rowField: ReadonlySignal<Field | null> = computed(() => field(byRow));

/** Null until all that it needs is here. */
export const facetLayout: ReadonlySignal<FacetLayout | null> = computed(() => {
  const [x, y] = [columnField.value, rowField.value];
  const shown = colouring.value?.visible;
  const rank = column(colourBy.value).data.value?.values;
  if (!x || !y || !shown || !rank || shown.length !== x.codes.length) return null;
  return layoutFacets({ across: x, down: y, shown, rank, aspect: viewAspect.value });
});

/** A sample's value of the text field, as the page writes it. */
export const textOf: ReadonlySignal<(index: number) => string> = computed(() => {
  const chosen = field(byText);
  if (!chosen || byText.name.value === NONE) return () => '';
  const data = column(byText.name.value).data.value;
  const numeric = data?.kind === 'number' || data?.kind === 'integer';
  return (index: number): string => (numeric ? formatNumber(data.values[index]) : (chosen.labels[chosen.codes[index] ?? -1] ?? ''));
});

function formatNumber(value: number | undefined): string {
  return value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toFixed(3);
}
