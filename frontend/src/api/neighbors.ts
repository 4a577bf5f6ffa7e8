/** The nearest samples of one, and the vectors that they are compared by. */

import { pick } from '../wire';
import { columns } from './request';

export type Metric = 'cosine' | 'euclidean';

export interface NeighborsRequest {
  run: string;
  step: number;
  /** `inputs` or a layer's path. */
  source: string;
  index: number;
  k: number;
  metric: Metric;
  sameLabel: boolean;
  sameSplit: boolean;
}

export interface Neighbors {
  query: number;
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

export async function fetchNeighbors({ sameLabel, sameSplit, ...rest }: NeighborsRequest): Promise<Neighbors> {
  const body = { ...rest, same_label: Number(sameLabel), same_split: Number(sameSplit) };
  const answer = await columns('neighbors', {}, { body });
  const { k, of, n_features: nFeatures, left_out: leftOut, note } = answer.json as NeighborsJson;
  return {
    query: rest.index,
    step: rest.step,
    source: rest.source,
    index: pick(answer, 'index', Int32Array).data,
    distance: pick(answer, 'distance', Float32Array).data,
    k, of, nFeatures, leftOut, note,
  };
}

/** Vectors of some samples, row by row. */
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
