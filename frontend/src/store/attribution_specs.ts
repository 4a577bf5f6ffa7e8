/** How a map is asked for: defaults that fit the images, limits, and the text of a link. */

import { type MapMethod } from '../api';

export const MAP_TITLES: Readonly<Record<MapMethod, string>> = {
  occlusion: 'Occlusion',
  grad_cam: 'Grad-CAM',
  gradient: 'Gradient',
  smooth_grad: 'SmoothGrad',
  integrated_gradients: 'Integrated gradients',
};
export const MAP_METHODS = Object.keys(MAP_TITLES) as MapMethod[];

/** Above, the server wants to be asked twice. */
export const MOST_FORWARDS = 20_000;

/** Whose score is explained: a class by its index, or what the sample is taken for or is. */
export type Target = 'prediction' | 'label' | number;

export interface MapSpec {
  readonly method: MapMethod;
  readonly target: Target;
  /** The patch, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly stride: number;
  readonly fill: string;
  /** The fill, where that is a value. */
  readonly value: number;
  readonly seed: number;
  /** Occlusion is shown as the drop of the score, or as the score. */
  readonly show: string;
  /** Path; empty: the last convolution. */
  readonly layer: string;
  /** Grad-CAM is shown as what speaks for the class, or raw. */
  readonly cam: string;
  readonly samples: number;
  /** As a share of the image's range. */
  readonly noise: number;
  readonly steps: number;
  /** Where the way to the image begins. */
  readonly baseline: string;
  /** Of a Gaussian over the map, in pixels. */
  readonly sigma: number;
}

export type Choice = Partial<MapSpec> & Pick<MapSpec, 'method'>;
export type Parameter = Exclude<keyof MapSpec, 'method' | 'target'>;
export type NumberParameter = { [K in Parameter]: MapSpec[K] extends number ? K : never }[Parameter];
export type ImageSize = readonly [height: number, width: number];

export const CHOICES: Readonly<Partial<Record<Parameter, readonly (readonly [value: string, label: string])[]>>> = {
  fill: [['zero', 'zero'], ['mean', 'mean of the image'], ['value', 'a value'], ['blur', 'the image, blurred'], ['noise', 'uniform noise']],
  baseline: [['zero', 'zero'], ['mean', 'mean of the image'], ['blur', 'the image, blurred'], ['noise', 'uniform noise']],
  show: [['drop', 'drop of the score'], ['score', 'score under the patch']],
  cam: [['heat', 'for the class'], ['raw', 'raw, also against it']],
};

/** A patch of a fifth of the shorter side, about 30 positions along the longer at most, or so many that every pixel is covered. */
export function defaultSpec(method: MapMethod, [height, width]: ImageSize): MapSpec {
  const side = Math.max(1, Math.round(Math.min(height, width) / 5));
  return {
    method,
    target: 'prediction',
    height: side,
    width: side,
    stride: Math.min(side, Math.max(1, Math.round(Math.max(height, width) / 28))),
    fill: 'zero',
    value: 0,
    seed: 0,
    show: 'drop',
    layer: '',
    cam: 'heat',
    samples: 32,
    noise: 0.15,
    steps: 64,
    baseline: 'zero',
    sigma: 0,
  };
}

export interface Bounds {
  min: number;
  max: number;
  whole: boolean;
}

/** What a number of a type can be. */
function rangeOf(dtype: string): Bounds {
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (bits === undefined) return { min: -Infinity, max: Infinity, whole: false };
  const [low, high] = unsigned ? [0, 2 ** Number(bits)] : [-(2 ** (Number(bits) - 1)), 2 ** (Number(bits) - 1)];
  return { min: low, max: high - 1, whole: false };
}

/** `dtype` is the inputs'. */
export function boundsOf(name: NumberParameter, [height, width]: ImageSize, dtype = ''): Bounds {
  const whole = (min: number, max: number): Bounds => ({ min, max, whole: true });
  if (name === 'height') return whole(1, height);
  if (name === 'width') return whole(1, width);
  if (name === 'stride') return whole(1, Math.max(height, width));
  if (name === 'seed') return whole(0, 2 ** 31 - 1);
  if (name === 'samples' || name === 'steps') return whole(1, 1000);
  if (name === 'noise') return { min: 0, max: 1, whole: false };
  if (name === 'sigma') return { min: 0, max: Math.min(height, width), whole: false };
  return rangeOf(dtype);
}

/** The parameters that a map reads, in the order of its form. */
export function parametersOf({ method, fill, baseline }: Pick<MapSpec, 'method' | 'fill' | 'baseline'>): Parameter[] {
  if (method === 'occlusion') {
    const own: Parameter[] = fill === 'value' ? ['value'] : fill === 'noise' ? ['seed'] : [];
    return ['height', 'width', 'stride', 'fill', ...own, 'show'];
  }
  if (method === 'grad_cam') return ['layer', 'cam'];
  if (method === 'gradient') return ['sigma'];
  if (method === 'smooth_grad') return ['samples', 'noise', 'sigma', 'seed'];
  return ['steps', 'baseline', ...(baseline === 'noise' ? (['seed'] as const) : []), 'sigma'];
}

/** What the server is told beside the method; how it is shown is not its matter. */
export function wireParameters(spec: MapSpec): Record<string, number | string> {
  const told = parametersOf(spec).filter((name) => name !== 'show' && name !== 'cam' && !(name === 'layer' && spec.layer === ''));
  return Object.fromEntries(told.map((name) => [name, spec[name]]));
}

const positions = (length: number, size: number, stride: number): number => Math.ceil((length - size) / stride) + 1;

/** Passes through the model that a map takes; the border is always covered. */
export function forwardsOf(spec: MapSpec, [height, width]: ImageSize): number {
  if (spec.method === 'occlusion') return positions(height, spec.height, spec.stride) * positions(width, spec.width, spec.stride);
  if (spec.method === 'smooth_grad') return spec.samples;
  return spec.method === 'integrated_gradients' ? spec.steps : 1;
}

/** What a map of this run is made with; what does not fit its images is as usual. */
export function specOf(choice: Choice, size: ImageSize, layers: readonly string[]): MapSpec {
  const usual = defaultSpec(choice.method, size);
  const fits = Object.entries(choice).filter(([name, value]) => {
    if (name === 'layer') return layers.includes(value as string);
    if (typeof value !== 'number' || name === 'target') return true;
    const { min, max } = boundsOf(name as NumberParameter, size);
    return value >= min && value <= max;
  });
  return { ...usual, ...Object.fromEntries(fits) };
}

/** What differs from the defaults. */
export function choiceOf(spec: MapSpec, size: ImageSize): Choice {
  const usual = defaultSpec(spec.method, size);
  const own = (['target', ...parametersOf(spec)] as const).filter((name) => spec[name] !== usual[name]);
  return { method: spec.method, ...Object.fromEntries(own.map((name) => [name, spec[name]])) };
}

/** Choices from the text of a link; undefined where it is none. */
export function parseChoices(text: string, most: number): Choice[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return undefined;
    const choices = list.flatMap((entry: unknown) => parseChoice(entry) ?? []);
    return choices.length ? choices.slice(0, most) : undefined;
  } catch {
    return undefined;
  }
}

function parseChoice(entry: unknown): Choice | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const given = entry as Record<string, unknown>;
  const method = MAP_METHODS.find((name) => name === given['method']);
  if (!method) return null;
  const usual = defaultSpec(method, [1, 1]);
  const valid = Object.entries(given).filter(([name, value]) => {
    if (name === 'target') return value === 'label' || value === 'prediction' || (Number.isInteger(value) && (value as number) >= 0);
    const known = CHOICES[name as Parameter];
    if (known) return known.some(([option]) => option === value);
    const sort = typeof usual[name as Parameter];
    if (sort !== 'number') return name === 'layer' && typeof value === 'string';
    return typeof value === 'number' && Number.isFinite(value) && (Number.isInteger(value) || !boundsOf(name as NumberParameter, [1, 1]).whole);
  });
  return { ...Object.fromEntries(valid), method };
}

/** `6×6 px, stride 1, zero`: what a map was made with. */
export function specWords(spec: MapSpec, layer = spec.layer || 'last convolution'): string {
  const smooth = spec.sigma > 0 ? `, σ ${spec.sigma}` : '';
  if (spec.method === 'occlusion') {
    const fill = spec.fill === 'value' ? `fill ${spec.value}` : `fill ${spec.fill}`;
    return `${spec.height}×${spec.width} px, stride ${spec.stride}, ${fill}`;
  }
  if (spec.method === 'grad_cam') return layer;
  if (spec.method === 'gradient') return spec.sigma > 0 ? `σ ${spec.sigma}` : 'plain';
  if (spec.method === 'smooth_grad') return `${spec.samples} samples, noise ${spec.noise}${smooth}`;
  return `${spec.steps} steps from ${spec.baseline}${smooth}`;
}
