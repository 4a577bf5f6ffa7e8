/** The nearest samples of one, and the vectors that they are compared by. */

import { pick } from '../wire';
import { type Job, readJob } from './projections';
import { columns } from './request';

/** Stands for the user's own image where samples are named by their index. */
export const OWN_IMAGE = -1;

export type Metric = 'cosine' | 'euclidean';

export interface NeighborsRequest {
  run: string;
  step: number;
  /** `inputs` or a layer's path. */
  source: string;
  /** A sample, or the user's own image by its id. */
  subject: { readonly index: number } | { readonly image: string };
  k: number;
  metric: Metric;
  sameLabel: boolean;
  sameSplit: boolean;
}

export interface Neighbors extends Job {
  /** A sample, or `OWN_IMAGE`, whose vector is computed by a job. */
  query: number;
  /** The user's own image's, once it is known. */
  vector: Float32Array | null;
  /** The epoch and what they were compared by. */
  step: number;
  source: string;
  /** Nearest first. */
  index: Int32Array;
  distance: Float32Array;
  k: number;
  /** How many were searched. */
  of: number;
  nFeatures: number;
  /** How many were not: their vector is not finite. */
  leftOut: number;
  /** What is to be known of the vectors, or "". */
  note: string;
}

interface NeighborsJson {
  k: number;
  of: number;
  n_features: number;
  left_out: number;
  note: string;
}

/** `start` has the vector of the user's own image computed where it is not; else this only looks. */
export async function fetchNeighbors({ sameLabel, sameSplit, subject, ...rest }: NeighborsRequest, start = false): Promise<Neighbors> {
  const own = 'image' in subject;
  const same = { same_label: Number(sameLabel), same_split: Number(sameSplit) };
  const answer = await columns('neighbors', {}, { body: { ...rest, ...subject, ...(own ? { start: Number(start) } : same) } });
  const { k, of, n_features: nFeatures, left_out: leftOut, note } = answer.json as NeighborsJson;
  const found = answer.arrays.has('index');
  return {
    ...readJob({ state: 'done', ...(answer.json as object) }),
    query: own ? OWN_IMAGE : subject.index,
    vector: answer.arrays.has('vector') ? pick(answer, 'vector', Float32Array).data : null,
    step: rest.step,
    source: rest.source,
    index: found ? pick(answer, 'index', Int32Array).data : new Int32Array(0),
    distance: found ? pick(answer, 'distance', Float32Array).data : new Float32Array(0),
    k, of, nFeatures, leftOut, note,
  };
}

/** Vectors of some samples, row by row; `OWN_IMAGE` among `indices` is the user's own image. */
export interface Vectors {
  step: number;
  source: string;
  indices: readonly number[];
  values: Float32Array;
  nFeatures: number;
  note: string;
}

export async function fetchVectors(run: string, step: number, source: string, indices: readonly number[]): Promise<Vectors> {
  const answer = await columns('vectors', { run, step, source, indices: indices.join(',') }, {});
  const { n_features: nFeatures, note } = answer.json as { n_features: number; note: string };
  return { step, source, indices, values: pick(answer, 'vectors', Float32Array).data, nFeatures, note };
}

/** Samples whose id holds a text, ascending. */
export async function findIds(run: string, step: number, text: string): Promise<Int32Array> {
  const quoted = `"${text.replace(/[\\"]/g, '\\$&')}" in id`;
  const body = { run, step, text: quoted, splits: '', selected: null, sets: {}, tags: {} };
  return pick(await columns('query', {}, { key: 'ids', body }), 'members', Int32Array).data;
}
