/** Which pixels a score rests on, and how right such a map is. */

import { toNumber } from '../schema';
import { type Columns, pick } from '../wire';
import { type Job, readJob } from './projections';
import { columns } from './request';

export type MapMethod = 'occlusion' | 'grad_cam' | 'gradient' | 'smooth_grad' | 'integrated_gradients';

export interface MapRequest {
  run: string;
  step: number;
  /** A sample, or the user's own image by its id. */
  subject: { readonly index: number } | { readonly image: string };
  method: MapMethod;
  /** Null: the prediction. */
  class: number | null;
  /** What belongs to the method, as the server names it. */
  parameters: Readonly<Record<string, number | string>>;
  /** Also where it takes very many forwards. */
  confirmed: boolean;
}

/** A map as far as it is known. */
export interface Attribution extends Job {
  /** (height, width), row-major; null before the first. */
  map: Float32Array | null;
  height: number;
  width: number;
  /** The class's score with nothing changed. */
  baseline: number;
  class: number;
  className: string;
  /** What the map's values are. */
  unit: string;
  /** Passes through the model: how many there are to be, and how many were made. */
  positions: number;
  done: number;
  /** Of integrated gradients, as a share; null for others. */
  completenessGap: number | null;
  /** Of Grad-CAM, else empty. */
  layer: string;
  /** Of Grad-CAM, at the layer's size, below zero where it speaks against the class; null for others. */
  raw: Grid | null;
  note: string;
}

/** Numbers (height, width), row-major. */
export interface Grid {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}

function bodyOf({ subject, parameters, confirmed, ...rest }: Omit<MapRequest, 'subject'> & Partial<MapRequest>, start: boolean): Record<string, unknown> {
  return { ...rest, ...subject, ...parameters, start: Number(start), ...(confirmed ? { confirm: 1 } : {}) };
}

const knownTo = (version: number): { known?: number } => (version > 0 ? { known: version } : {});

/** `start` has it computed where it is not; else this only looks. A preview of the version `known` is not sent again. */
export async function fetchAttribution(request: MapRequest, start: boolean, known = 0): Promise<Attribution> {
  const answer = await columns('attribution', {}, { body: { ...bodyOf(request, start), ...knownTo(known) } });
  const record = answer.json as Record<string, unknown>;
  const gap = toNumber(record['completeness_gap']);
  return {
    ...readJob(record),
    ...readMap(answer),
    baseline: toNumber(record['baseline']),
    class: Number.isInteger(record['class']) ? (record['class'] as number) : -1,
    className: String(record['class_name'] ?? ''),
    unit: String(record['unit'] ?? ''),
    positions: toNumber(record['positions']),
    done: toNumber(record['done']),
    completenessGap: Number.isNaN(gap) ? null : gap,
    layer: String(record['layer'] ?? ''),
    raw: readGrid(answer, 'raw'),
    note: String(record['note'] ?? ''),
  };
}

function readMap(answer: Columns): Pick<Attribution, 'map' | 'height' | 'width'> {
  const grid = readGrid(answer, 'map');
  return { map: grid?.data ?? null, height: grid?.height ?? 0, width: grid?.width ?? 0 };
}

function readGrid(answer: Columns, name: string): Grid | null {
  if (!answer.arrays.has(name)) return null;
  const { data, shape: [height = 0, width = 0] } = pick(answer, name, Float32Array);
  return { data, height, width };
}

/** The score as the most important pixels go, and as random ones do. */
export interface Deletion extends Job {
  /** Of the pixels, 0 to 1; empty before the curve is there. */
  share: Float32Array;
  score: Float32Array;
  random: Float32Array;
  area: number;
  randomArea: number;
  /** Whose score it is; -1 before the curve is there. */
  class: number;
}

/** `fill` is what replaces a pixel. */
export async function fetchDeletion(request: MapRequest, fill: string, start: boolean): Promise<Deletion> {
  const answer = await columns('deletion', {}, { body: { ...bodyOf(request, start), deletion_fill: fill } });
  const record = answer.json as Record<string, unknown>;
  const floats = (name: string): Float32Array =>
    answer.arrays.has(name) ? pick(answer, name, Float32Array).data : new Float32Array(0);
  return {
    ...readJob(record),
    share: floats('share'),
    score: floats('score'),
    random: floats('random'),
    area: toNumber(record['area']),
    randomArea: toNumber(record['random_area']),
    class: Number.isInteger(record['class']) ? (record['class'] as number) : -1,
  };
}

/** Maps of several samples by one method, as far as they are made. */
export interface Sheet extends Job {
  index: Int32Array;
  /** Row-major, one after the other; NaN where not made yet. */
  maps: Float32Array;
  height: number;
  width: number;
  /** Of each, with nothing changed. */
  baseline: Float32Array;
  classes: Int32Array;
  done: number;
  unit: string;
}

/** `members` are the samples, as `encodeMembers` writes them. */
export async function fetchSheet(request: Omit<MapRequest, 'subject'>, members: string, start: boolean, known = 0): Promise<Sheet> {
  const answer = await columns('attribution_sheet', {}, { body: { ...bodyOf(request, start), members, ...knownTo(known) } });
  const record = answer.json as Record<string, unknown>;
  const there = answer.arrays.has('maps');
  const { data: maps, shape: [, height = 0, width = 0] } = there ? pick(answer, 'maps', Float32Array) : { data: new Float32Array(0), shape: [] };
  return {
    ...readJob(record),
    index: there ? pick(answer, 'index', Int32Array).data : new Int32Array(0),
    maps,
    height,
    width,
    baseline: there ? pick(answer, 'baseline', Float32Array).data : new Float32Array(0),
    classes: there ? pick(answer, 'class', Int32Array).data : new Int32Array(0),
    done: toNumber(record['done']) || 0,
    unit: String(record['unit'] ?? ''),
  };
}

export type Resize = 'crop' | 'pad' | 'stretch';

/** How an image is made an input. */
export interface Scaling {
  readonly resize: Resize;
  /** What black and white become; null: as in the probe set. */
  readonly rescale: readonly [number, number] | null;
}

/** The user's own image as the model is fed, and what it is taken for. */
export interface OwnImage extends Job {
  /** Names it in the place of a sample's index; of use once it is done. */
  image: string;
  /** (height, width, channels), row-major; null before it is read. */
  input: Float32Array | Uint8Array | null;
  shape: readonly number[];
  scores: Float32Array;
  prediction: number;
  /** What black and white became. */
  rescale: readonly [number, number] | null;
}

/** `data` is the file in base64. */
export async function readOwnImage(run: string, step: number, name: string, data: string, scaling: Scaling, start: boolean): Promise<OwnImage> {
  const answer = await columns('own_image', {}, { body: { run, step, name, data, ...scaling, start: Number(start) } });
  const record = answer.json as Record<string, unknown>;
  const input = answer.arrays.get('input');
  const rescale = record['rescale'];
  return {
    ...readJob(record),
    image: String(record['image'] ?? ''),
    input: input && (input.data instanceof Float32Array || input.data instanceof Uint8Array) ? input.data : null,
    shape: input?.shape ?? [],
    scores: answer.arrays.has('scores') ? pick(answer, 'scores', Float32Array).data : new Float32Array(0),
    prediction: Number.isInteger(record['prediction']) ? (record['prediction'] as number) : -1,
    rescale: Array.isArray(rescale) ? [toNumber(rescale[0]), toNumber(rescale[1])] : null,
  };
}
