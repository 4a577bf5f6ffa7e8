/** Similar samples: the query, its neighbours, and the vectors that they are compared by. */

import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals';
import { type Metric, type Neighbors, type Vectors, fetchNeighbors, fetchVectors } from '../api';
import { link, linkedText, parseIndex } from './link';
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

interface Asked {
  index: number | null;
  source: string;
  k: number;
  metric: Metric;
  sameLabel: boolean;
  sameSplit: boolean;
}

const neighborsCache = new Cache<Neighbors>(CACHE_BYTES);

function neighborsOf(asked: () => Asked): Resource<Neighbors> {
  return follow<Neighbors>({
    wanted: () => wantedNeighbors(asked()),
    cache: neighborsCache,
    bytes: ({ index }) => 8 * index.length + 256,
  });
}

function wantedNeighbors({ index, ...rest }: Asked): Wanted<Neighbors> | null {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || stepPosition.value < 0) return null;
  if (index === null || index >= shown.manifest.n_samples) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  return {
    key: JSON.stringify([scope, rest.source === INPUTS ? null : at, index, rest]),
    scope,
    load: () => fetchNeighbors({ run: shown.run, step: at, index, ...rest }),
  };
}

/** Of the query, as the Similar view asks for them. */
export const similarNeighbors: Resource<Neighbors> = neighborsOf(() => ({
  index: similarQuery.value,
  source: similarSource.value,
  k: similarK.value,
  metric: similarMetric.value,
  sameLabel: withinLabel.value,
  sameSplit: withinSplit.value,
}));

/** Five of the focused sample, for the inspector. */
export const inspectedNeighbors: Resource<Neighbors> = neighborsOf(() => ({
  index: focused.value,
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
  if (!shown || !found || similarNeighbors.error.value) return null;
  const { query, index, step: at, source } = found;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const indices = [query, ...index];
  return {
    key: JSON.stringify([scope, source === INPUTS ? null : at, source, indices]),
    scope,
    load: () => fetchVectors(shown.run, at, source, indices),
  };
}

/** Shows what is similar to the focused sample. */
export function findSimilar(): void {
  if (focused.peek() !== null) similarQuery.value = focused.peek();
  view.value = 'similar';
}

/** Focuses a sample that was asked for by its number or drawn; the Similar view looks for its like. */
export function pickSample(index: number): void {
  focused.value = index;
  if (view.peek() === 'similar') similarQuery.value = index;
}

let focusAtLeave: number | null | undefined;

/** On entering the view: a sample that was focused elsewhere is the one that is meant. */
export function enterSimilar(): () => void {
  if (similarQuery.peek() === null || (focusAtLeave !== undefined && focusAtLeave !== focused.peek())) {
    if (focused.peek() !== null) similarQuery.value = focused.peek();
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
