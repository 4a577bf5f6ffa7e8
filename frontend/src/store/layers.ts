/** The network's layers at the shown epoch, their channels and kernels. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import {
  type Channels,
  type Job,
  type KernelInfo,
  type KernelJob,
  type KernelNorms,
  type LayerEntry,
  type Layers,
  fetchChannels,
  fetchKernel,
  fetchKernelNorms,
  fetchLayers,
  readModelKernel,
} from '../api';
import { type FollowedJob, followJob } from './followed_job';
import { link, linkedText, parseIndex } from './link';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { payload, step, stepPosition, steps } from './state';

const CACHE_BYTES = 32 * 2 ** 20;
/** Prefetching stops at kernels of so many values. */
const MOST_AHEAD = 250_000;

/** The chosen layer's path; empty: the first that has something to show. */
export const layerPath = linkedText('layer');
export const layersTab = linkedText('layers.tab', 'kernels');
/** The channel that the tabs show in detail. */
export const channelAt = signal<number | null>(null);
link('channel', channelAt, (text) => parseIndex(text) ?? undefined, (channel) => (channel === null ? null : String(channel)));

/** Of a separable convolution: `pointwise` for its second kernel. */
export const kernelPart = linkedText('kernel');

/** Where the page is. */
export interface Place {
  run: string;
  scope: string;
  at: number;
}

export function place(): Place | null {
  const shown = payload.value;
  if (!shown || step.value === null || stepPosition.value < 0) return null;
  return { run: shown.run, scope: JSON.stringify([shown.run, shown.manifest.attempt]), at: step.value };
}

/** The epochs next to the shown one. */
export const beside = (): number[] => {
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
    ?? list.find(({ role }) => role === 'convolution')
    ?? list[0]
    ?? null;
});

/** The channels of another layer are other ones. */
export function chooseLayer(path: string): void {
  if (path !== layer.peek()?.path) channelAt.value = null;
  layerPath.value = path;
}

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

/** The second kernel is chosen, and there are two. */
export const isPointwise = (of: LayerEntry | null): boolean => kernelPart.value === 'pointwise' && of?.kernel?.pointwise !== undefined;

/** Where the shown kernel is to be had; null where it is not. */
export const kernelInfo: ReadonlySignal<KernelInfo | null> = computed(() => {
  const of = layer.value;
  return (isPointwise(of) ? of?.kernel?.pointwise : of?.kernel) ?? null;
});

export const kernelNorms: Resource<KernelNorms> = follow<KernelNorms>({
  wanted: () => {
    const [here, of] = [place(), layer.value];
    if (!here || !of || kernelInfo.value?.source !== 'record') return null;
    const second = isPointwise(of);
    // An attempt before a restart may have had another layer of this name.
    const scope = JSON.stringify([here.scope, of.path, second, steps.value[stepPosition.value]?.attempt]);
    return { key: JSON.stringify([scope, steps.value.length]), scope, load: () => fetchKernelNorms(here.run, here.at, of.path, second) };
  },
  cache: new Cache<KernelNorms>(CACHE_BYTES / 8),
  bytes: ({ norm }) => 2 * norm.byteLength,
});

const DONE: Job = { state: 'done', job: '', version: 0, progress: 1, secondsLeft: null, error: '', hint: '' };

/** The layer's kernel, out of the record or else of the epoch's model. */
export const kernel: FollowedJob<KernelJob> = followJob<KernelJob>(
  () => {
    const [here, of] = [place(), layer.value];
    const found = kernelInfo.value;
    if (!here || !of || !found || layers.data.value?.step !== here.at) return null;
    const { path } = of;
    const second = isPointwise(of);
    const scope = JSON.stringify([here.scope, path, second]);
    const key = (at: number): string => JSON.stringify([scope, at]);
    if (found.source === 'model') {
      return { key: key(here.at), scope, load: (start) => readModelKernel(here.run, here.at, path, start, second) };
    }
    const read = async (at: number): Promise<KernelJob> => ({ ...DONE, kernel: await fetchKernel(here.run, at, path, second) });
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

type Shaped = Pick<LayerEntry, 'role' | 'output_shape' | 'channel_axis'>;

/** A layer's output with its channels last, whatever the model's order. */
export function mapShape({ output_shape: shape, channel_axis: axis }: Shaped): readonly (number | null)[] {
  return shape && axis === 1 ? [...shape.slice(1), ...shape.slice(0, 1)] : shape ?? [];
}

/** Whether the layer gives maps: its channels have more than one position. */
export function isSpatial(entry: Shaped): boolean {
  return entry.role !== 'input' && mapShape(entry).slice(0, -1).some((size) => size !== 1);
}
