/** The inside of the network: layers, channels, kernels, activation maps. */

import { type LayerInfo, toNumber } from '../schema';
import { type Columns, WireError, pick } from '../wire';
import { type Job, readJob } from './projections';
import { columns, json } from './request';

export interface KernelInfo {
  shape: number[] | null;
  /** Stored, or in the epoch's kept model. */
  source: 'record' | 'model';
}

/** A layer at one epoch. Counts are null where its channels are not judged. */
export interface LayerEntry extends Omit<LayerInfo, 'trainable' | 'frozen' | 'inputs' | 'convolution'> {
  /** Of a separable convolution the depthwise kernel, and beside it the `pointwise` one. */
  kernel: (KernelInfo & { pointwise?: KernelInfo | null }) | null;
  /** Maps of the reference samples are stored. */
  maps: boolean;
  n_channels: number | null;
  judged: boolean;
  dead: number | null;
  almost_dead: number | null;
  saturated: number | null;
}

export interface Layers {
  step: number;
  layers: LayerEntry[];
  /** Epochs whose model is kept. */
  models: number[];
  nSamples: number;
  /** What was never seen on `nSamples` happens at this rate at most, at 95%. */
  bound: number;
}

export async function fetchLayers(run: string, step: number): Promise<Layers> {
  const { layers, models, n_samples: nSamples, bound } = await json<{
    layers: LayerEntry[];
    models: number[];
    n_samples: number;
    bound: unknown;
  }>('layers', { run, step }, 'layers');
  return { step, layers, models, nSamples, bound: toNumber(bound) };
}

export const STATISTICS = ['mean', 'std', 'max', 'samples_above_zero', 'positions_above_zero', 'saturated'] as const;
export type Statistic = (typeof STATISTICS)[number];

export interface Channels {
  layer: string;
  step: number;
  nChannels: number;
  steps: Int32Array;
  /** A row of channels for each of `steps`; NaN where a statistic has no meaning. */
  statistics: Readonly<Record<Statistic, Float32Array>>;
  /** At `step`: the samples with the highest maximum, a row a channel, and these maxima. */
  topSamples: Int32Array;
  topValues: Float32Array;
  nTop: number;
  /** Null where the channels are not judged. */
  verdict: { dead: Uint8Array; almostDead: Uint8Array } | null;
  activation: string | null;
  note: string;
}

export async function fetchChannels(run: string, step: number, layer: string): Promise<Channels> {
  const answer = await columns('channels', { run, step, layer }, {});
  const { judged, activation, note } = answer.json as { judged: boolean; activation: string | null; note: string };
  const floats = (name: string): Float32Array => pick(answer, name, Float32Array).data;
  const top = pick(answer, 'top_samples', Int32Array);
  return {
    layer,
    step,
    nChannels: pick(answer, 'mean', Float32Array).shape[1] ?? 0,
    steps: pick(answer, 'steps', Int32Array).data,
    statistics: Object.fromEntries(STATISTICS.map((name) => [name, floats(name)])) as Channels['statistics'],
    topSamples: top.data,
    topValues: floats('top_values'),
    nTop: top.shape[1] ?? 0,
    verdict: judged ? { dead: pick(answer, 'dead', Uint8Array).data, almostDead: pick(answer, 'almost_dead', Uint8Array).data } : null,
    activation,
    note: note ?? '',
  };
}

/** A convolution's kernel in Keras's axis order. */
export interface Kernel {
  layer: string;
  step: number;
  data: Float32Array;
  shape: readonly number[];
  /** `height`, `width`, `in`, `out`, ... */
  axes: readonly string[];
  source: 'record' | 'model';
  /** Channels that the layer is given, of which a grouped convolution's `in` are a part; null where not known. */
  inChannels: number | null;
  /** The second one of a separable convolution. */
  pointwise: boolean;
}

function readKernel(answer: Columns, layer: string, step: number, pointwise: boolean): Kernel {
  const { axes, source, in_channels: inChannels = null } = answer.json as { axes: string[]; source: Kernel['source']; in_channels?: number | null };
  return { layer, step, axes, source, inChannels, pointwise, ...pick(answer, 'kernel', Float32Array) };
}

export async function fetchKernel(run: string, step: number, layer: string, pointwise = false): Promise<Kernel> {
  return readKernel(await columns('kernels', { run, step, layer, pointwise: Number(pointwise) }, {}), layer, step, pointwise);
}

/** The same out of a kept model. */
export interface KernelJob extends Job {
  kernel: Kernel | null;
}

export async function readModelKernel(run: string, step: number, layer: string, start: boolean, pointwise = false): Promise<KernelJob> {
  const answer = await columns('kernels', {}, { body: { run, step, layer, pointwise: Number(pointwise), start: Number(start) } });
  const kernel = answer.arrays.has('kernel') ? readKernel(answer, layer, step, pointwise) : null;
  return { ...readJob(answer.json as Record<string, unknown>), kernel };
}

/** A row of filters for each epoch whose kernel is stored. */
export interface KernelNorms {
  steps: Int32Array;
  nFilters: number;
  norm: Float32Array;
  /** L2 norm of the difference to the row before; NaN in the first. */
  change: Float32Array;
}

export async function fetchKernelNorms(run: string, step: number, layer: string, pointwise = false): Promise<KernelNorms> {
  const answer = await columns('kernel_norms', { run, step, layer, pointwise: Number(pointwise) }, {});
  const norm = pick(answer, 'norm', Float32Array);
  return {
    steps: pick(answer, 'steps', Int32Array).data,
    nFilters: norm.shape[1] ?? 0,
    norm: norm.data,
    change: pick(answer, 'change', Float32Array).data,
  };
}

/** Activation maps of one sample, row-major, as pictures: a line is one row high, the slices of a volume are below one another. */
export interface Maps {
  layer: string;
  step: number;
  /** Null: the user's own image. */
  index: number | null;
  /** As the layer gave them, the channels last: (height, width, channels), (length, channels), (depth, height, width, channels). */
  shape: readonly number[];
  height: number;
  width: number;
  channels: number;
  data: Float32Array;
  /** `record`: as stored, in half precision and perhaps smaller; `model`: computed by the kept model. */
  source: 'record' | 'model';
}

function readMaps(answer: Columns, of: Pick<Maps, 'layer' | 'step' | 'index' | 'source'>): Maps {
  const { data, shape } = pick(answer, 'maps', Float32Array);
  const [width, channels] = shape.slice(-2);
  const height = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  if (!height || !width || !channels) throw new WireError(`expected maps with positions and channels, got (${shape.join(', ')})`);
  return { ...of, shape, height, width, channels, data };
}

export async function fetchReferenceMaps(run: string, step: number, layer: string, reference: number): Promise<Maps> {
  const answer = await columns('maps', { run, step, layer, reference }, {});
  return readMaps(answer, { layer, step, index: reference, source: 'record' });
}

export interface ActivationJob extends Job {
  maps: Maps | null;
}

/** A sample, or the user's own image by its id. */
export type Subject = { index: number } | { image: string };

export async function computeActivations(run: string, step: number, layer: string, whose: Subject, start: boolean): Promise<ActivationJob> {
  const answer = await columns('activations', {}, { body: { run, step, layer, ...whose, start: Number(start) } });
  const index = 'index' in whose ? whose.index : null;
  const maps = answer.arrays.has('maps') ? readMaps(answer, { layer, step, index, source: 'model' }) : null;
  return { ...readJob(answer.json as Record<string, unknown>), maps };
}
