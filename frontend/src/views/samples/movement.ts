/** Colours by how far samples moved since an epoch. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type LayoutRequest, type Method, type Movement, fetchMovement } from '../../api';
import { type ColumnInfo } from '../../schema';
import { type Column, type PageColumn, type Wanted, Cache, epochMeant, follow, linkedText, payload, providePageColumn, step, stepPosition, steps, view } from '../../store';
import { alignedOver, wantedLayout } from '../../store/layouts';
import { METHOD_TITLES, defaultMethod, printMethod } from '../../store/methods';
import { INPUTS, left, right } from './state';

/** The epoch from which on movement counts, as `EpochSelect` has it. */
export const movedSince = linkedText('since', 'first');
const since: ReadonlySignal<number | null> = computed(() => epochMeant(movedSince.value));

/** Whose movement it is: the right plot's layout, or the left one's, where its epochs go on one from the other; else the PCA of its layer. */
export const movingLayout: ReadonlySignal<{ source: string; method: Method } | null> = computed(() => {
  const layer = payload.value?.manifest.embeddings[0]?.layer;
  const shown = [right, left].map(({ source, method }) => ({ source: source.value, method: method.value })).filter(({ source }) => source !== INPUTS);
  const source = shown[0]?.source ?? layer;
  const pca = source === undefined ? null : { source, method: defaultMethod('pca', payload.value?.manifest.n_samples ?? 0) };
  return shown.find((layout) => alignedOver(layout)) ?? pca;
});

const laidOut = computed((): readonly number[] | null => {
  const layout = movingLayout.value;
  const side = [right, left].find(({ source, method }) => source.value === layout?.source && method.value === layout.method);
  return side && layout?.method.method !== 'pca' && view.value === 'samples' ? (side.shown.epochs.value?.ready ?? []) : null;
});

/** Whether an epoch has its places; only the view of the plots follows a layout that forms. */
const hasPlaces = (epoch: number): boolean => laidOut.value?.includes(epoch) ?? true;

type Moved = Movement & { step: number };
const cache = new Cache<Moved>(24 * 2 ** 20);

const movement = follow<Moved>({
  wanted: () => {
    const [layout, from] = [movingLayout.value, since.value];
    const wish = layout && wantedLayout(layout.source, layout.method);
    if (!wish || from === null || !hasPlaces(from) || !hasPlaces(wish.request.step)) return null;
    const of = (request: LayoutRequest): Wanted<Moved> => ({
      key: JSON.stringify([wish.scope, request.source, printMethod(request.method, wish.of), from, request.step]),
      scope: wish.scope,
      load: async () => ({ ...(await fetchMovement(request, from)), step: request.step }),
    });
    const at = stepPosition.value;
    const beside = [steps.value[at + 1], steps.value[at - 1]].flatMap((entry) => (entry && hasPlaces(entry.step) ? [of({ ...wish.request, step: entry.step })] : []));
    return { ...of(wish.request), next: beside };
  },
  cache,
  bytes: ({ index }) => 12 * index.length,
});

function movementColumn(name: string, where: 'plot' | 'layer'): PageColumn {
  const info = computed((): ColumnInfo => {
    const layout = movingLayout.value;
    const what = layout ? `${layout.source}${where === 'plot' ? ` by ${METHOD_TITLES[layout.method.method]}` : ''}` : '';
    return {
      name, title: `moved in ${where === 'plot' ? 'the plot' : 'the layer'}`,
      kind: 'number', per_step: true, values: null, unit: 'root mean square radii', slow: false, source: '',
      definition: where === 'plot'
        ? `How far the sample moved in the plot of ${what} since epoch ${since.value ?? '–'}, as a share of the plot's root mean square radius`
        : `How far the sample moved in ${what} since epoch ${since.value ?? '–'}, after turning and scaling the layer to fit, as a share of its root mean square radius`,
    };
  });
  const data = computed((): Column | null => {
    const found = movement.data.value;
    if (!found) return null;
    const values = new Float32Array(payload.value?.manifest.n_samples ?? 0).fill(NaN);
    const moved = where === 'plot' ? found.movement : found.trueMovement;
    found.index.forEach((sample, k) => (values[sample] = moved[k] ?? NaN));
    return { name, kind: 'number', values, categories: null, step: found.step };
  });
  return { info, data: { ...movement, data } };
}

/** Names as no recorded column has them. */
export const MOVEMENTS: readonly string[] = ['@moved', '@moved_in_layer'];
providePageColumn(movementColumn(MOVEMENTS[0]!, 'plot'));
providePageColumn(movementColumn(MOVEMENTS[1]!, 'layer'));

/** Why there is none, or empty. */
export const unmoved: ReadonlySignal<string> = computed(() => {
  if (movingLayout.value === null) return 'No layer’s embedding is logged, so nothing moves: choose layers with CNNVis(embeddings=…).';
  if (since.value === null) return 'This is the first logged epoch: nothing has moved yet.';
  const missing = [since.value, step.value].find((epoch) => epoch !== null && !hasPlaces(epoch));
  return missing === undefined ? '' : `Waiting for the layout of epoch ${missing}…`;
});
