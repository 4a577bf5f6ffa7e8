/** The run or epoch that the shown one is compared with, and what differs. */

import { type ReadonlySignal, computed } from '@preact/signals';
import {
  type Against,
  type Comparison,
  type Overlap,
  type Projection,
  CHANGES,
  computeProjection,
  fetchComparison,
  fetchOverlap,
  fetchRun,
  fetchSteps,
} from '../api';
import { type RunPayload, type Step } from '../schema';
import { link, linkedText, parseIndex } from './link';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { SampleSet } from './sample_set';
import { other, otherBy, otherStep, payload, splitFilter, step, stepPosition, steps } from './state';

const CACHE_BYTES = 24 * 2 ** 20;
const LIVE_MS = 5000;
const ALIGNING_MS = 700;

link('other', other, (text) => text || undefined, (value) => value);
link('other_step', otherStep, (text) => parseIndex(text) ?? undefined, (value) => (value === null ? null : String(value)));
link('other_by', otherBy, (text) => text || undefined, (value) => (value === 'auto' ? null : value));

/** What of the comparison is shown. */
export const comparePart = linkedText('compare.part', 'changes');
/** Which of CHANGES is listed. */
const kindText = linkedText('compare.kind');
/** The layer that both plots show; empty: the first. */
export const compareLayer = linkedText('compare.layer');

export interface OtherRecord {
  run: string;
  payload: RunPayload;
  steps: readonly Step[];
  live: boolean;
}

/** The other run's own record. */
export const otherRecord: Resource<OtherRecord> = follow<OtherRecord>({
  wanted: (): Wanted<OtherRecord> | null => {
    const run = other.value;
    if (run === null || run === payload.value?.run) return null;
    const load = async (): Promise<OtherRecord> => {
      const [shown, epochs] = await Promise.all([fetchRun(run, 'other run'), fetchSteps(run, 'other steps')]);
      return { run, payload: shown, steps: epochs.steps, live: epochs.live };
    };
    return { key: run, scope: run, load };
  },
  cache: new Cache<OtherRecord>(4),
  bytes: () => 1,
  again: ({ live }) => (live ? LIVE_MS : null),
});

/** The other run's epochs; of the shown run those that the page follows. */
export const otherSteps: ReadonlySignal<readonly Step[]> = computed(() => {
  if (other.value === payload.value?.run) return steps.value;
  const record = otherRecord.data.value;
  return record?.run === other.value ? record.steps : [];
});

/** The epoch that is compared with: chosen, or else the same of another run, the one before of this. */
export const comparedStep: ReadonlySignal<number | null> = computed(() => {
  const list = otherSteps.value;
  const at = step.value;
  if (other.value === null || at === null || list.length === 0) return null;
  if (otherStep.value === null && other.value === payload.value?.run) {
    return (list[Math.max(0, stepPosition.value - 1)] ?? list[0])!.step;
  }
  const wanted = otherStep.value ?? at;
  const off = (entry: Step): number => Math.abs(entry.step - wanted);
  return list.reduce((best, entry) => (off(entry) < off(best) ? entry : best)).step;
});

/** What is asked for; `against` follows once the server can answer it. */
export const wantedAgainst: ReadonlySignal<Against | null> = computed(() => {
  const at = comparedStep.value;
  return other.value === null || at === null ? null : { run: other.value, step: at, by: otherBy.value };
});

interface Asked {
  scope: string;
  /** Names all of it. */
  key: string;
  run: string;
  at: number;
  against: Against;
  splits: readonly string[];
}

function asked(): Asked | null {
  const shown = payload.value;
  const [at, against, splits] = [step.value, wantedAgainst.value, splitFilter.value];
  if (!shown || at === null || stepPosition.value < 0 || !against) return null;
  const attempt = against.run === shown.run ? '' : (otherRecord.data.value?.payload.manifest.attempt ?? '');
  const scope = JSON.stringify([shown.run, shown.manifest.attempt, against.run, attempt]);
  return { scope, key: JSON.stringify([scope, at, against.step, against.by, splits]), run: shown.run, at, against, splits };
}

export const comparison: Resource<Comparison> = follow<Comparison>({
  wanted: (): Wanted<Comparison> | null => {
    const what = asked();
    return what && { ...what, load: () => fetchComparison(what.run, what.at, what.against, what.splits) };
  },
  cache: new Cache<Comparison>(CACHE_BYTES),
  bytes: ({ index, disagreement }) => 25 * index.length + disagreement.byteLength,
});

/** What columns, table and query are asked to compare with; null while that is not known to work. */
export const against: ReadonlySignal<Against | null> = computed(() => {
  const [wanted, known] = [wantedAgainst.value, comparison.data.value?.against];
  return wanted && known && wanted.run === known.run && wanted.by === known.by ? wanted : null;
});

/** What a request for these columns has to name beside the run; undefined while that is not known. */
export function besideFor(names: readonly string[]): Against | null | undefined {
  const compared = payload.value?.compared?.some(({ name }) => names.includes(name)) ?? false;
  return compared ? (against.value ?? undefined) : null;
}

export const overlap: Resource<Overlap> = follow<Overlap>({
  wanted: (): Wanted<Overlap> | null => {
    const what = asked();
    return what && { ...what, load: () => fetchOverlap(what.run, what.at, what.against, what.splits) };
  },
  cache: new Cache<Overlap>(2 ** 20),
  bytes: ({ layers }) => 256 * (1 + layers.length),
});

/** The kind of change that is listed, a place in CHANGES. */
export const changeKind: ReadonlySignal<number> = computed(() => {
  const place = CHANGES.findIndex((name) => name === kindText.value);
  return place < 0 ? 1 : place;
});

export function chooseKind(kind: number): void {
  kindText.value = kind === 1 ? '' : (CHANGES[kind] ?? '');
}

/** Those of the matched samples that `meets` takes by their place, the loss that differs most first, unknown differences last. */
export function matchedWhere({ index, lossDifference }: Pick<Comparison, 'index' | 'lossDifference'>, meets: (place: number) => boolean): Int32Array {
  const size = (place: number): number => {
    const value = Math.abs(lossDifference[place]!);
    return Number.isNaN(value) ? -1 : value;
  };
  const places = Array.from(index.keys()).filter(meets).sort((a, b) => size(b) - size(a) || a - b);
  return Int32Array.from(places, (place) => index[place]!);
}

/** As a set of the shown run's samples. */
export function setOf(samples: ArrayLike<number>): SampleSet {
  return SampleSet.of(Array.from(samples), payload.peek()?.manifest.n_samples ?? 0);
}

/** PCA of a layer of the other run. */
export const otherProjection: Resource<Projection> = follow<Projection>({
  wanted: (): Wanted<Projection> | null => {
    const what = asked();
    const pair = shownPair.value;
    if (!what || !pair) return null;
    const { against: { run, step: at } } = what;
    const key = JSON.stringify([what.scope, pair.other_layer, at, otherSteps.value.length]);
    return { key, scope: what.scope, load: () => computeProjection(run, pair.other_layer, at) };
  },
  cache: new Cache<Projection>(CACHE_BYTES),
  bytes: ({ xy }) => xy.byteLength,
  again: ({ aligned, done, total }) => (aligned && done >= total ? null : ALIGNING_MS),
});

/** The layers that both plots show. */
export const shownPair: ReadonlySignal<{ layer: string; other_layer: string } | null> = computed(() => {
  const layers = overlap.data.value?.layers ?? [];
  return layers.find(({ layer }) => layer === compareLayer.value) ?? layers[0] ?? null;
});
