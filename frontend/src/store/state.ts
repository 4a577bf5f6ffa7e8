/** What the page shows: the state that views share. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { type ApiError } from '../api';
import { type ColumnInfo, type RunEntry, type RunPayload, type Step } from '../schema';
import { pageColumn } from './page_columns';
import { SampleSet } from './sample_set';

export type ViewName = string;

export const runList = signal<RunEntry[] | null>(null);
export const runListError = signal<ApiError | null>(null);
export const runError = signal<ApiError | null>(null);
export const stepsError = signal<ApiError | null>(null);
export const shownPayload = signal<RunPayload | null>(null);
export const shownSteps = signal<Step[]>([]);
export const liveNow = signal(false);

/** Counts how often the server has come back: what failed meanwhile is asked for again. */
export const reconnects = signal(0);

/** Null until the list has been read once. */
export const runsLoaded: ReadonlySignal<boolean> = computed(() => runList.value !== null);
export const runs: ReadonlySignal<RunEntry[]> = computed(() => runList.value ?? []);
/** The run that is asked for; `payload` follows once it has been read. */
export const run = signal<string | null>(null);
/** What the shown run and epoch are compared with; null: nothing. Without a step: the same epoch, or of the shown run the one before. */
export const other = signal<string | null>(null);
export const otherStep = signal<number | null>(null);
/** How their samples are matched. */
export const otherBy = signal('auto');
/** The shown run; its catalogue has the columns of a comparison while there is one. */
export const payload: ReadonlySignal<RunPayload | null> = computed(() => {
  const shown = shownPayload.value;
  return shown?.compared && other.value !== null ? { ...shown, columns: [...shown.columns, ...shown.compared] } : shown;
});
export const steps: ReadonlySignal<Step[]> = shownSteps;
/** The record grew within the last minutes. */
export const live: ReadonlySignal<boolean> = liveNow;
/** The epoch shown, one of `steps`. */
export const step = signal<number | null>(null);
/** True while another run is on its way and the page still shows the last one. */
export const switching: ReadonlySignal<boolean> = computed(
  () => run.value !== null && run.value !== shownPayload.value?.run && runError.value === null,
);

export const view = signal<ViewName>('overview');
/** Names of the shown splits. */
export const shownSplits = signal<ReadonlySet<string>>(new Set());
export const colourBy = signal('label');
export const lossScale = signal<'linear' | 'log'>('linear');
export const hiddenClasses = signal<ReadonlySet<number>>(new Set());
export const pinnedClasses = signal<ReadonlySet<number>>(new Set());

export const focused = signal<number | null>(null);
export const hovered = signal<number | null>(null);
export const selected = signal<SampleSet>(SampleSet.EMPTY);

/** The catalogue's entry of the colour-by column. */
export const colourColumn: ReadonlySignal<ColumnInfo | null> = computed(
  () => payload.value?.columns.find((column) => column.name === colourBy.value) ?? pageColumn(colourBy.value)?.info.value ?? null,
);

/** Splits to ask the server for: empty where all are shown. */
export const splitFilter: ReadonlySignal<readonly string[]> = computed(() => {
  const names = payload.value?.manifest.splits.map((split) => split.name) ?? [];
  const shown = names.filter((name) => shownSplits.value.has(name));
  return shown.length === names.length ? [] : shown;
});

/** 1 where the sample's split is shown, by sample index. */
export const shownMask: ReadonlySignal<Uint8Array> = computed(() => {
  const manifest = payload.value?.manifest;
  const mask = new Uint8Array(manifest?.n_samples ?? 0);
  for (const split of manifest?.splits ?? []) {
    if (shownSplits.value.has(split.name)) mask.fill(1, split.start, split.start + split.count);
  }
  return mask;
});

/** Position of the shown epoch among the logged ones, -1 without any. */
export const stepPosition: ReadonlySignal<number> = computed(() =>
  steps.value.findIndex((entry) => entry.step === step.value),
);

export function splitOf(index: number): string {
  const splits = payload.value?.manifest.splits ?? [];
  return splits.find((split) => index < split.start + split.count)?.name ?? '';
}

export function focusSample(index: number | null): void {
  focused.value = index;
}

/** Moves the focus by `by` among the samples of the shown splits. */
export function focusNeighbour(by: 1 | -1): void {
  const mask = shownMask.value;
  if (mask.length === 0) return;
  let index = focused.value ?? (by === 1 ? -1 : mask.length);
  do index += by;
  while (index >= 0 && index < mask.length && !mask[index]);
  if (index >= 0 && index < mask.length) focused.value = index;
}
