/** The network's layers at the shown epoch: kernels, channels, and maps of the focused sample. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import {
  type ActivationJob,
  type Channels,
  type Job,
  type KernelJob,
  type KernelNorms,
  type LayerEntry,
  type Layers,
  type Maps,
  ApiError,
  cancelJob,
  computeActivations,
  fetchChannels,
  fetchKernel,
  fetchKernelNorms,
  fetchLayers,
  fetchReferenceMaps,
  readModelKernel,
} from '../api';
import { linkedText } from './link';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { focused, payload, step, stepPosition, steps } from './state';

const CACHE_BYTES = 32 * 2 ** 20;
const POLL_MS = 250;
/** A job starts once the epoch, the layer and the sample have rested so long. */
const REST_MS = 250;
/** Prefetching stops at kernels of so many values. */
const MOST_AHEAD = 250_000;

/** The chosen layer's path; empty: the first that has something to show. */
export const layerPath = linkedText('layer');
export const layersTab = linkedText('layers.tab', 'kernels');
/** The channel that the tabs show in detail. */
export const channelAt = linkedText('channel');

interface Place {
  run: string;
  scope: string;
  at: number;
}

function place(): Place | null {
  const shown = payload.value;
  if (!shown || step.value === null || stepPosition.value < 0) return null;
  return { run: shown.run, scope: JSON.stringify([shown.run, shown.manifest.attempt]), at: step.value };
}

const beside = (): number[] => {
  const at = stepPosition.value;
  return [steps.value[at + 1], steps.value[at - 1]].flatMap((entry) => (entry ? [entry.step] : []));
};

export const layers: Resource<Layers> = follow<Layers>({
  wanted: () => {
    const here = place();
    if (!here) return null;
    const of = (at: number): Wanted<Layers> => ({
      // A kept model may go as training goes on.
      key: JSON.stringify([here.scope, at, steps.value.map(({ model }) => model)]),
      scope: here.scope,
      load: () => fetchLayers(here.run, at),
    });
    return { ...of(here.at), next: beside().map(of) };
  },
  cache: new Cache<Layers>(CACHE_BYTES / 8),
  bytes: (found) => 400 * found.layers.length,
});

/** The shown layer: the chosen one, or else the first with a kernel, with statistics, or at all. */
export const layer: ReadonlySignal<LayerEntry | null> = computed(() => {
  const list = layers.data.value?.layers ?? [];
  return list.find(({ path }) => path === layerPath.value)
    ?? list.find(({ kernel }) => kernel)
    ?? list.find(({ statistics }) => statistics)
    ?? list[0]
    ?? null;
});

export const channels: Resource<Channels> = follow<Channels>({
  wanted: () => {
    const [here, of] = [place(), layer.value];
    if (!here || !of?.statistics) return null;
    const { path } = of;
    const wanted = (at: number): Wanted<Channels> => ({
      key: JSON.stringify([here.scope, path, at, steps.value.length]),
      scope: JSON.stringify([here.scope, path]),
      load: () => fetchChannels(here.run, at, path),
    });
    return { ...wanted(here.at), next: beside().slice(0, 1).map(wanted) };
  },
  cache: new Cache<Channels>(CACHE_BYTES),
  bytes: ({ statistics, topValues }) => 6 * statistics.mean.byteLength + 2 * topValues.byteLength,
});

export const kernelNorms: Resource<KernelNorms> = follow<KernelNorms>({
  wanted: () => {
    const [here, of] = [place(), layer.value];
    if (!here || !of || of.role !== 'convolution') return null;
    const scope = JSON.stringify([here.scope, of.path]);
    return { key: JSON.stringify([scope, steps.value.length]), scope, load: () => fetchKernelNorms(here.run, of.path) };
  },
  cache: new Cache<KernelNorms>(CACHE_BYTES / 8),
  bytes: ({ norm }) => 2 * norm.byteLength,
});

/** What a job is asked for by. */
interface Asked<T> {
  key: string;
  scope: string;
  /** Without `start` it only looks how the job stands. */
  load(start: boolean): Promise<T>;
  next?: Wanted<T>[];
}

export interface FollowedJob<T> extends Resource<T> {
  cancel(): void;
  /** Starts what was cancelled. */
  run(): void;
}

const underWay = ({ state }: Job): boolean => state === 'queued' || state === 'running';

/** Starts what is wanted where nobody has, follows it, and ends it when it is no longer wanted. */
function followJob<T extends Job>(asked: () => Asked<T> | null, bytes: (value: T) => number): FollowedJob<T> {
  const wish = computed(asked);
  const stopped = signal<string | null>(null);
  let open: { key: string; job: string } | null = null;
  const load = async (of: Asked<T>, start: boolean): Promise<T> => {
    const following = open?.key === of.key;
    if (open && !following) void cancelJob(open.job).catch(() => undefined);
    let found = await of.load(false);
    if (start && (found.state === 'absent' || (!following && (found.state === 'failed' || found.state === 'cancelled')))) {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (wish.peek()?.key !== of.key) throw new DOMException('Something else is wanted.', 'AbortError');
      found = await of.load(true);
    }
    open = underWay(found) ? { key: of.key, job: found.job } : null;
    if (found.state === 'failed') throw new ApiError(found.error, found.hint);
    return found;
  };
  const resource = follow<T>({
    wanted: () => {
      const of = wish.value;
      if (!of) return null;
      const start = stopped.value !== of.key;
      return { key: start ? of.key : `${of.key} stopped`, scope: of.scope, load: () => load(of, start), next: start ? (of.next ?? []) : [] };
    },
    cache: new Cache<T>(CACHE_BYTES),
    bytes,
    again: (found) => (underWay(found) ? POLL_MS : null),
  });
  return {
    ...resource,
    cancel: () => {
      if (!open) return;
      stopped.value = open.key;
      void cancelJob(open.job).catch(() => undefined);
    },
    run: () => void (stopped.value = null),
  };
}

const DONE: Job = { state: 'done', job: '', version: 0, progress: 1, secondsLeft: null, error: '', hint: '' };

/** The layer's kernel, out of the record or else of the epoch's model. */
export const kernel: FollowedJob<KernelJob> = followJob<KernelJob>(
  () => {
    const [here, of] = [place(), layer.value];
    if (!here || !of?.kernel || layers.data.value?.step !== here.at) return null;
    const { path, kernel: found } = of;
    const scope = JSON.stringify([here.scope, path]);
    const key = (at: number): string => JSON.stringify([scope, at]);
    if (found.source === 'model') {
      return { key: key(here.at), scope, load: (start) => readModelKernel(here.run, here.at, path, start) };
    }
    const read = async (at: number): Promise<KernelJob> => ({ ...DONE, kernel: await fetchKernel(here.run, at, path) });
    const small = (found.shape ?? []).reduce((product, size) => product * size, 1) < MOST_AHEAD;
    const next = small ? beside().map((at) => ({ key: key(at), scope, load: () => read(at) })) : [];
    return { key: key(here.at), scope, load: () => read(here.at), next };
  },
  ({ kernel: found }) => found?.data.byteLength ?? 0,
);

/** The epoch's model is kept, so that it can be run. */
export const modelKept: ReadonlySignal<boolean> = computed(() => steps.value[stepPosition.value]?.model != null);
/** Epochs with a kept model. */
export const keptModels: ReadonlySignal<readonly number[]> = computed(() =>
  steps.value.filter(({ model }) => model !== null).map((entry) => entry.step),
);

/** Whether one image gives the layer more than one position. */
export function isSpatial({ output_shape: shape }: Pick<LayerEntry, 'output_shape'>): boolean {
  return shape !== null && shape.length > 1 && shape.slice(0, -1).some((size) => size !== 1);
}

const mapBytes = (found: Maps | null): number => found?.data.byteLength ?? 0;

/** Maps of the focused sample, computed by the epoch's model. */
export const activations: FollowedJob<ActivationJob> = followJob<ActivationJob>(
  () => {
    const [here, of, index] = [place(), layer.value, focused.value];
    if (!here || !of || index === null || !modelKept.value || !isSpatial(of)) return null;
    if (index >= (payload.value?.manifest.n_samples ?? 0)) return null;
    const scope = JSON.stringify([here.scope, of.path]);
    return {
      key: JSON.stringify([scope, here.at, index]),
      scope,
      load: (start) => computeActivations(here.run, here.at, of.path, index, start),
    };
  },
  ({ maps }) => mapBytes(maps),
);

/** The focused sample is one of those whose maps are stored. */
export const isReference: ReadonlySignal<boolean> = computed(() =>
  focused.value !== null && (payload.value?.manifest.reference_samples.includes(focused.value) ?? false),
);

/** Stored maps of the focused sample. */
export const referenceMaps: Resource<Maps> = follow<Maps>({
  wanted: () => {
    const [here, of, index] = [place(), layer.value, focused.value];
    if (!here || !of?.maps || index === null || !isReference.value) return null;
    const scope = JSON.stringify([here.scope, of.path]);
    const wanted = (at: number): Wanted<Maps> => ({
      key: JSON.stringify([scope, at, index]),
      scope,
      load: () => fetchReferenceMaps(here.run, at, of.path, index),
    });
    return { ...wanted(here.at), next: beside().map(wanted) };
  },
  cache: new Cache<Maps>(CACHE_BYTES),
  bytes: mapBytes,
});

/** Maps of the focused sample at the shown epoch: the model's, or meanwhile and else the stored ones. */
export const shownMaps: ReadonlySignal<Maps | null> = computed(() => {
  const fits = (maps: Maps | null | undefined): maps is Maps => maps != null && maps.index === focused.value && maps.step === step.value && maps.layer === layer.value?.path;
  return [activations.data.value?.maps, referenceMaps.data.value].find(fits) ?? null;
});
