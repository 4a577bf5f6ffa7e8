/** Pairs of samples that are nearly the same. */

import { toNumber } from '../schema';
import { type Columns, pick } from '../wire';
import { type Metric } from './neighbors';
import { type Job, readJob } from './projections';
import { columns } from './request';

export interface DuplicatesRequest {
  run: string;
  step: number;
  /** `inputs` or a layer's path. */
  source: string;
  metric: Metric;
  /** The largest distance; null: the server chooses. */
  threshold: number | null;
  /** Only pairs of samples from different splits. */
  across: boolean;
}

/** The pairs, once the job is done; empty before. */
export interface Duplicates extends Job {
  first: Int32Array;
  second: Int32Array;
  /** Ascending. */
  distance: Float32Array;
  /** Number of pairs found in all: the closest are listed. */
  pairs: number;
  /** The one that was used. */
  threshold: number;
  note: string;
}

/** `start` has them looked for where nobody has; else this only looks how it stands. */
export async function fetchDuplicates({ across, ...rest }: DuplicatesRequest, start: boolean): Promise<Duplicates> {
  const body = { ...rest, across: Number(across), start: Number(start) };
  const answer = await columns('duplicates', {}, { body });
  const record = answer.json as Record<string, unknown>;
  return {
    ...readJob(record),
    ...readPairs(answer),
    pairs: toNumber(record['pairs']),
    threshold: toNumber(record['threshold']),
    note: String(record['note'] ?? ''),
  };
}

function readPairs(answer: Columns): Pick<Duplicates, 'first' | 'second' | 'distance'> {
  if (!answer.arrays.has('first')) {
    return { first: new Int32Array(0), second: new Int32Array(0), distance: new Float32Array(0) };
  }
  return {
    first: pick(answer, 'first', Int32Array).data,
    second: pick(answer, 'second', Int32Array).data,
    distance: pick(answer, 'distance', Float32Array).data,
  };
}
