/** Labels against predictions of the shown epoch and splits, and the samples picked from them. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import {
  type Calibration,
  type Confusion,
  type Slices,
  type ThresholdCurves,
  type Asked,
  computeSlices,
  fetchCalibration,
  fetchThreshold,
} from '../api';
import { type Change, changedPair, membersOfChanges } from './change';
import { besideFor } from './comparison';
import { column } from './data';
import { link, linkedText } from './link';
import { comparable } from './matrices';
import { fillPool } from './pool';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { SampleSet } from './sample_set';
import { reviseSelection } from './selection_history';
import { payload, selected, shownMask, splitFilter, step, stepPosition, steps } from './state';

const CACHE_BYTES = 48 * 2 ** 20;
const BINS = 15;
/** Classes up to which the epochs beside the shown one are loaded ahead: 1 MB each at most. */
const MOST_AHEAD = 500;
/** Classes up to which all epochs are loaded: their common scale is exact then. */
const MOST_WHOLE = 50;

export const confusionTab = linkedText('confusion.tab', 'matrix');
/** What cells show, and the order of the classes. */
export const cellValues = linkedText('cells', 'counts');
export const classOrder = linkedText('order', 'similarity');
/** Class of the threshold tab, and of the slices' recall. */
export const positiveClass = linkedText('positive');
/** Fields of the slices, as JSON. */
export const sliceFields = linkedText('slices');

/** What is wanted of the shown epoch, and likewise of its neighbours; `all`: then of every epoch. */
function wanted<T>(name: unknown, load: (asked: Asked) => Promise<T>, all = false): Wanted<T> | null {
  const shown = payload.value;
  const at = stepPosition.value;
  if (!shown || step.value === null || at < 0) return null;
  const splits = splitFilter.value;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const of = (epoch: number): Wanted<T> => ({
    key: JSON.stringify([scope, name, splits, epoch]),
    scope,
    load: () => load({ run: shown.run, step: epoch, splits }),
  });
  const list = steps.value;
  const ahead = shown.manifest.class_names.length <= MOST_AHEAD ? [list[at + 1], list[at - 1], list[0], ...(all ? list : [])] : [];
  return { ...of(step.value), next: ahead.flatMap((entry) => (entry ? [of(entry.step)] : [])) };
}

export const confusion: Resource<Confusion> = follow<Confusion>({
  wanted: () => wanted('matrix', comparable, (payload.value?.manifest.class_names.length ?? 0) <= MOST_WHOLE),
  cache: new Cache<Confusion>(CACHE_BYTES),
  bytes: ({ matrix }) => matrix.byteLength,
});

export const calibration: Resource<Calibration> = follow<Calibration>({
  wanted: () => wanted('calibration', (asked) => fetchCalibration(asked, BINS)),
  cache: new Cache<Calibration>(2 ** 20),
  bytes: ({ low }) => 5 * low.byteLength,
});

/** The chosen positive class: by itself the second of two, otherwise the first. */
export const positive: ReadonlySignal<number> = computed(() => {
  const count = payload.value?.manifest.class_names.length ?? 0;
  const chosen = positiveClass.value === '' ? NaN : Number(positiveClass.value);
  return chosen >= 0 && chosen < count ? Math.trunc(chosen) : count === 2 ? 1 : 0;
});

export const thresholdCurves: Resource<ThresholdCurves> = follow<ThresholdCurves>({
  wanted: () => wanted(['threshold', positive.value], (asked) => fetchThreshold(asked, positive.value)),
  cache: new Cache<ThresholdCurves>(CACHE_BYTES / 2),
  bytes: ({ scores }) => scores.byteLength + 48_000,
});

/** One or two columns to slice by. */
export const slicedBy: ReadonlySignal<readonly string[]> = computed(() => {
  const known = payload.value?.columns.map(({ name }) => name) ?? [];
  try {
    const names: unknown = JSON.parse(sliceFields.value || '["label"]');
    const valid = Array.isArray(names) ? names.filter((name) => known.includes(name as string)).slice(0, 2) : [];
    return valid.length ? (valid as string[]) : ['label'];
  } catch {
    return ['label'];
  }
});
export const sliceBins = signal(5);

export const slices: Resource<Slices> = follow<Slices>({
  wanted: () => {
    const [fields, bins, of] = [slicedBy.value, sliceBins.value, positive.value];
    const against = besideFor(fields);
    if (against === undefined) return null;
    return wanted(['slices', fields, bins, of, against], (asked) => computeSlices({ ...asked, fields, bins, class: of, against }));
  },
  cache: new Cache<Slices>(CACHE_BYTES / 2),
  bytes: ({ codes, count }) => codes.byteLength + 100 * count.length,
});

/** A cell by its classes; null stands for any: a whole row or column. */
export interface Cell {
  label: number | null;
  prediction: number | null;
}

/** An outcome of the threshold: what a sample is, and what it is taken for. */
export interface Outcome {
  positive: boolean;
  taken: boolean;
}

/** What was picked in the tabs: its samples are the selected set. */
export interface Picked {
  cells: readonly Cell[];
  outcomes: readonly Outcome[];
  /** Slices, by `sliceName`. */
  slices: readonly string[];
  changes: readonly Change[];
  /** What was selected before, where all this is added to it. */
  before: SampleSet;
}

const NOTHING: Picked = { cells: [], outcomes: [], slices: [], changes: [], before: SampleSet.EMPTY };

export const picked = signal<Picked | null>(null);
export const threshold = signal(0.5);
link('threshold', threshold, parseShare, (value) => (value === 0.5 ? null : String(value)));

function parseShare(text: string): number | undefined {
  const value = text === '' ? NaN : Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}

/** Selects the samples of `what`, or adds them to the selected ones. */
export function pick(what: Partial<Picked>, add: boolean): void {
  const to = add ? (picked.peek() ?? { ...NOTHING, before: selected.peek() }) : NOTHING;
  picked.value = {
    cells: [...to.cells, ...(what.cells ?? [])],
    outcomes: [...to.outcomes, ...(what.outcomes ?? [])],
    slices: [...to.slices, ...(what.slices ?? [])],
    changes: [...to.changes, ...(what.changes ?? [])],
    before: to.before,
  };
}

export const sliceName = (texts: readonly string[]): string => JSON.stringify(texts);

/** Samples of some cells, by label and prediction; only labelled ones are in the matrix. */
export function membersOfCells(
  cells: readonly Cell[],
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  shown: Uint8Array,
): SampleSet {
  const mask = new Uint8Array(shown.length);
  for (const { label, prediction } of cells) {
    for (let i = 0; i < mask.length; i++) {
      const own = labels[i]!;
      if (own < 0 || !shown[i] || (label !== null && own !== label)) continue;
      if (prediction === null || predictions[i] === prediction) mask[i] = 1;
    }
  }
  return SampleSet.fromMask(mask);
}

/**
 * The score that decides about each sample: NaN for those that do not count.
 *
 * A score that was not stored lies below all stored ones and is put at 0.
 */
export function decidingScores(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  shown: Uint8Array,
): Float32Array {
  const deciding = new Float32Array(shown.length).fill(NaN);
  for (let i = 0; i < deciding.length; i++) {
    if (!shown[i] || labels[i]! < 0 || predictions[i]! < 0) continue;
    deciding[i] = Number.isNaN(scores[i]) ? 0 : scores[i]!;
  }
  return deciding;
}

export function membersOfOutcomes(
  outcomes: readonly Outcome[],
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  of: number,
  at: number,
): SampleSet {
  const mask = new Uint8Array(scores.length);
  for (const { positive: is, taken } of outcomes) {
    for (let i = 0; i < mask.length; i++) {
      const score = scores[i]!;
      if (!Number.isNaN(score) && (labels[i] === of) === is && score >= at === taken) mask[i] = 1;
    }
  }
  return SampleSet.fromMask(mask);
}

/** Scores of the positive class and the labels that belong to them. */
export const decisions = computed(() => {
  const curves = thresholdCurves.data.value;
  const labels = column('label').data.value?.values;
  const predictions = column('prediction').data.value?.values;
  if (!curves || !labels || !predictions) return null;
  return { scores: decidingScores(curves.scores, labels, predictions, shownMask.value), labels, of: curves.positive };
});

/** Null while something that it needs is not loaded. */
const members: ReadonlySignal<SampleSet | null> = computed(() => {
  const now = picked.value;
  if (!now) return null;
  const parts = [now.before];
  if (now.cells.length) {
    const labels = column('label').data.value?.values;
    const predictions = column('prediction').data.value?.values;
    if (!labels || !predictions) return null;
    parts.push(membersOfCells(now.cells, labels, predictions, shownMask.value));
  }
  if (now.outcomes.length) {
    const found = decisions.value;
    if (!found) return null;
    parts.push(membersOfOutcomes(now.outcomes, found.scores, found.labels, found.of, threshold.value));
  }
  if (now.slices.length) {
    const found = slices.data.value;
    if (!found) return null;
    parts.push(membersOfSlices(now.slices, found.rows, found.codes));
  }
  if (now.changes.length) {
    if (!changedPair.value) return null;
    parts.push(membersOfChanges(now.changes, changedPair.value, shownMask.value));
  }
  return parts.reduce((all, part) => all.plus(part));
});

/** What was picked is not known yet: something that it needs is being loaded. */
export const picking: ReadonlySignal<boolean> = computed(() => picked.value !== null && members.value === null);

export function membersOfSlices(names: readonly string[], rows: readonly string[][], codes: Int32Array): SampleSet {
  const wantedRows = rows.map((texts) => names.includes(sliceName(texts)));
  return SampleSet.fromMask(Uint8Array.from(codes, (code) => (wantedRows[code] ? 1 : 0)));
}

/**
 * While the view is shown, the selected set is what was picked, over epochs and splits, until
 * something else is selected. Cells of the matrix fill the image pool, too, when they are picked.
 */
export function followPicked(): () => void {
  let made: SampleSet | null = null;
  let from: Picked | null = null;
  picked.value = null;
  const stops = [
    effect(() => {
      const set = members.value;
      if (set === null) return;
      made = set;
      const now = picked.peek();
      if (from === now) reviseSelection(set);
      else {
        selected.value = set;
        if (now?.cells.length || now?.changes.length) untracked(() => fillPool(set));
      }
      from = now;
    }),
    effect(() => {
      if (selected.value !== made) picked.value = null;
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
