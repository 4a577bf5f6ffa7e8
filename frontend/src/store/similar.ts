/** Similar samples: the query, its neighbours, and the vectors that they are compared by. */

import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals';
import { type Metric, type Neighbors, type NeighborsRequest, type Vectors, OWN_IMAGE, fetchNeighbors, fetchVectors } from '../api';
import { type FollowedJob, followJob } from './followed_job';
import { link, linkedText, parseIndex } from './link';
import { comparing, dropped, ownImage } from './own_image';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { focused, payload, step, stepPosition, view } from './state';

export const INPUTS = 'inputs';
export const DEFAULT_K = 5;
export const MOST_K = 100;
const CACHE_BYTES = 8 * 2 ** 20;

/** The sample whose neighbours the Similar view shows. */
export const similarQuery: Signal<number | null> = signal(null);
export const similarK = signal(DEFAULT_K);
export const similarMetric: Signal<Metric> = signal('cosine');
export const withinLabel = signal(false);
export const withinSplit = signal(false);
const sourceWanted = linkedText('similar.source');

link('similar', similarQuery, (text) => parseIndex(text) ?? undefined, (index) => (index === null ? null : String(index)));
link(
  'similar.k',
  similarK,
  (text) => (Number(text) >= 1 ? Math.min(MOST_K, Math.floor(Number(text))) : undefined),
  (k) => (k === DEFAULT_K ? null : String(k)),
);
link(
  'similar.metric',
  similarMetric,
  (text) => (text === 'euclidean' ? 'euclidean' : 'cosine'),
  (metric) => (metric === 'cosine' ? null : metric),
);
for (const [key, flag] of [['similar.label', withinLabel], ['similar.split', withinSplit]] as const) {
  link(key, flag, (text) => text === '1', (on) => (on ? '1' : null));
}

/** The layer that a run shows first, its penultimate tensor; the inputs where none is recorded. */
export const firstSource: ReadonlySignal<string> = computed(() => payload.value?.manifest.embeddings[0]?.layer ?? INPUTS);

/** What samples are compared by: `inputs` or a layer of the shown run. */
export const similarSource: ReadonlySignal<string> = computed(() => {
  const layers = payload.value?.manifest.embeddings.map(({ layer }) => layer) ?? [];
  const wanted = sourceWanted.value;
  return wanted === INPUTS || layers.includes(wanted) ? wanted : firstSource.value;
});

export function chooseSource(source: string): void {
  sourceWanted.value = source === firstSource.peek() ? '' : source;
}

type Subject = NeighborsRequest['subject'];

interface Asked {
  subject: Subject | null;
  source: string;
  k: number;
  metric: Metric;
  sameLabel: boolean;
  sameSplit: boolean;
}

/** The user's own image once it is read, else a sample of this run. */
function subjectOf(own: boolean, index: number | null): Subject | null {
  if (own) return ownImage.value && { image: ownImage.value.image };
  return index === null || index >= (payload.value?.manifest.n_samples ?? 0) ? null : { index };
}

/** Of a sample they are there at once; the vector of the user's own image is a job of the epoch's model. */
function neighborsOf(asked: () => Asked): FollowedJob<Neighbors> {
  return followJob<Neighbors>(
    () => {
      const { subject, ...rest } = asked();
      const shown = payload.value;
      const at = step.value;
      if (!shown || at === null || stepPosition.value < 0 || !subject) return null;
      const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
      return {
        key: JSON.stringify([scope, rest.source === INPUTS ? null : at, subject, rest]),
        scope,
        load: (start) => fetchNeighbors({ run: shown.run, step: at, subject, ...rest }, start),
      };
    },
    ({ index, vector }) => 8 * index.length + (vector?.byteLength ?? 0) + 256,
  );
}

/** Of the query, as the Similar view asks for them. */
export const similarNeighbors: FollowedJob<Neighbors> = neighborsOf(() => ({
  subject: subjectOf(comparing.value, similarQuery.value),
  source: similarSource.value,
  k: similarK.value,
  metric: similarMetric.value,
  sameLabel: withinLabel.value && !comparing.value,
  sameSplit: withinSplit.value && !comparing.value,
}));

/** Five of the focused sample or of the user's own image, for the inspector. */
export const inspectedNeighbors: FollowedJob<Neighbors> = neighborsOf(() => ({
  subject: subjectOf(dropped.value !== null, focused.value),
  source: firstSource.value,
  k: DEFAULT_K,
  metric: 'cosine',
  sameLabel: false,
  sameSplit: false,
}));

/** The vectors of the query and of its neighbours, in that order. */
export const similarVectors: Resource<Vectors> = follow<Vectors>({
  wanted: wantedVectors,
  cache: new Cache<Vectors>(CACHE_BYTES),
  bytes: ({ values }) => values.byteLength,
});

function wantedVectors(): Wanted<Vectors> | null {
  const shown = payload.value;
  const found = similarNeighbors.data.value;
  if (!shown || !found || found.state !== 'done' || similarNeighbors.error.value) return null;
  const { query, index, step: at, source, vector } = found;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const of = vector ? [...index] : [query, ...index];
  return {
    key: JSON.stringify([scope, source === INPUTS ? null : at, source, of, vector && ownImage.value?.image]),
    scope,
    load: async () => {
      if (!vector) return fetchVectors(shown.run, at, source, of);
      const { nFeatures, note } = found;
      const others = of.length > 0 ? (await fetchVectors(shown.run, at, source, of)).values : [];
      const values = new Float32Array(nFeatures + others.length);
      values.set(vector);
      values.set(others, nFeatures);
      return { step: at, source, indices: [OWN_IMAGE, ...of], values, nFeatures, note };
    },
  };
}

/** Shows what is similar to the focused sample, or to the user's own image where that is looked at. */
export function findSimilar(): void {
  comparing.value = dropped.peek() !== null;
  if (!comparing.peek() && focused.peek() !== null) similarQuery.value = focused.peek();
  view.value = 'similar';
}

/** Focuses a sample that was asked for by its number or drawn; the Similar view looks for its like. */
export function pickSample(index: number): void {
  focused.value = index;
  if (view.peek() !== 'similar') return;
  comparing.value = false;
  similarQuery.value = index;
}

let focusAtLeave: number | null | undefined;

/** On entering the view: what was looked at elsewhere is what is meant. */
export function enterSimilar(): () => void {
  const moved = focusAtLeave !== undefined && focusAtLeave !== focused.peek();
  if (dropped.peek()) comparing.value = true;
  else if (focused.peek() !== null && (moved || (similarQuery.peek() === null && !comparing.peek()))) {
    comparing.value = false;
    similarQuery.value = focused.peek();
  }
  return () => void (focusAtLeave = focused.peek());
}

/** Forgets the query when the samples are others. */
export function startSimilar(): () => void {
  let before: string | null = null;
  return effect(() => {
    const probe = payload.value?.manifest.probe ?? null;
    if (before !== null && probe !== before) similarQuery.value = null;
    before = probe;
  });
}
