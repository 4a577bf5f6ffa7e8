/** Which pixels a score rests on, and how right such a map is. */

import { toNumber } from '../schema';
import { type Columns, pick } from '../wire';
import { type Job, readJob } from './projections';
import { columns } from './request';

export type MapMethod = 'occlusion' | 'grad_cam' | 'gradient' | 'smooth_grad' | 'integrated_gradients';

export interface MapRequest {
  run: string;
  step: number;
  index: number;
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
  note: string;
}

function bodyOf({ parameters, confirmed, ...rest }: MapRequest, start: boolean): Record<string, unknown> {
  return { ...rest, ...parameters, start: Number(start), ...(confirmed ? { confirm: 1 } : {}) };
}

/** `start` has it computed where it is not; else this only looks. */
export async function fetchAttribution(request: MapRequest, start: boolean): Promise<Attribution> {
  const answer = await columns('attribution', {}, { body: bodyOf(request, start) });
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
    note: String(record['note'] ?? ''),
  };
}

function readMap(answer: Columns): Pick<Attribution, 'map' | 'height' | 'width'> {
  if (!answer.arrays.has('map')) return { map: null, height: 0, width: 0 };
  const { data, shape: [height = 0, width = 0] } = pick(answer, 'map', Float32Array);
  return { map: data, height, width };
}

/** The score as the most important pixels go, and as random ones do. */
export interface Deletion extends Job {
  /** Of the pixels, 0 to 1; empty before the curve is there. */
  share: Float32Array;
  score: Float32Array;
  random: Float32Array;
  area: number;
  randomArea: number;
}

export async function fetchDeletion(request: MapRequest, start: boolean): Promise<Deletion> {
  const answer = await columns('deletion', {}, { body: bodyOf(request, start) });
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
  };
}
