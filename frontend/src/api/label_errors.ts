/** Samples whose label is probably wrong, and how their scores went. */

import { toNumber } from '../schema';
import { pick } from '../wire';
import { type Job, readJob } from './projections';
import { columns } from './request';

export type Reason = 'nothing' | 'mislabelled' | 'hard';
const REASONS: readonly Reason[] = ['nothing', 'mislabelled', 'hard'];

/** What is no evidence. */
const OWN: ReadonlySet<string> = new Set(['index', 'score', 'suggested', 'reason']);

/** The ranking once the job is done; empty before. */
export interface LabelErrors extends Job {
  /** The epoch up to which the record counts. */
  step: number;
  /** The samples, the most suspicious first. */
  index: Int32Array;
  score: Float32Array;
  suggested: Int32Array;
  reasons: readonly Reason[];
  /** What else is known of each, by name. */
  evidence: ReadonlyMap<string, Float32Array | Int32Array>;
  /** Labelled samples of which these are. */
  n: number;
  /** How many of them have a score. */
  scored: number;
  /** Logged epochs that count. */
  epochs: number;
  /** What the score is. */
  definition: string;
  /** Probably mislabelled samples of each split. */
  estimated: ReadonlyMap<string, number>;
  /** Where the nearest samples were looked for; empty where no embedding is logged. */
  layer: string;
  /** Sentences on what the ranking had to do without, and on what it leaves out. */
  notes: readonly string[];
}

/** `start` has the ranking made where it is not; else this only looks. */
export async function fetchLabelErrors(run: string, step: number, start: boolean): Promise<LabelErrors> {
  const answer = await columns('label_errors', {}, { body: { run, step, start: Number(start) } });
  const record = answer.json as Record<string, unknown>;
  const job = readJob(record);
  const done = job.state === 'done';
  const ranked = done ? [...answer.arrays] : [];
  return {
    ...job,
    step,
    index: done ? pick(answer, 'index', Int32Array).data : new Int32Array(0),
    score: done ? pick(answer, 'score', Float32Array).data : new Float32Array(0),
    suggested: done ? pick(answer, 'suggested', Int32Array).data : new Int32Array(0),
    reasons: done ? Array.from(pick(answer, 'reason', Uint8Array).data, (code) => REASONS[code] ?? 'nothing') : [],
    evidence: new Map(ranked.flatMap(([name, { data }]) => (!OWN.has(name) && (data instanceof Float32Array || data instanceof Int32Array) ? [[name, data] as const] : []))),
    n: toNumber(record['n']),
    scored: toNumber(record['scored']),
    epochs: toNumber(record['epochs']),
    definition: String(record['definition'] ?? ''),
    estimated: new Map(Object.entries((record['estimated'] ?? {}) as Record<string, number>)),
    layer: String(record['layer'] ?? ''),
    notes: ((record['notes'] ?? []) as readonly unknown[]).map(String),
  };
}

/** A sample's scores of some classes over the epochs. */
export interface ScoreHistory {
  index: number;
  steps: Int32Array;
  /** By class index; NaN where a score was not stored. */
  scores: ReadonlyMap<number, Float32Array>;
}

export async function fetchScoreHistory(run: string, index: number, classes: readonly number[]): Promise<ScoreHistory> {
  const answer = await columns('score_history', { run, index, classes: classes.join(',') }, {});
  const steps = pick(answer, 'steps', Int32Array).data;
  const { data } = pick(answer, 'scores', Float32Array);
  const row = (k: number): Float32Array => data.subarray(k * steps.length, (k + 1) * steps.length);
  return { index, steps, scores: new Map(classes.map((of, k) => [of, row(k)])) };
}
