/** A run beside another one, or beside another of its epochs. */

import { toNumber } from '../schema';
import { pick } from '../wire';
import { type Parameters, columns, post } from './request';

/** What the shown run and epoch are compared with. */
export interface Against {
  run: string;
  step: number;
  /** How samples are matched: `auto`, `position`, `image`, or `column:` and a column's name. */
  by: string;
}

/** Has a request answer with the columns of a comparison, too. */
export function beside(against: Against | null | undefined): Parameters {
  return against ? { other: against.run, other_step: against.step, other_by: against.by } : {};
}

/** A share and its 95% interval. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** `change` of samples without a label. */
export const UNKNOWN_CHANGE = 255;
export const CHANGES = ['both right', 'right to wrong', 'wrong to right', 'same mistake', 'different mistakes'] as const;

export interface Comparison {
  against: Against;
  step: number;
  /** The matched samples, ascending, and their indices in the other. */
  index: Int32Array;
  otherIndex: Int32Array;
  /** Places in CHANGES, of each matched sample. */
  change: Uint8Array;
  lossDifference: Float32Array;
  marginDifference: Float32Array;
  /** Of each matched sample, as places in `classNames`; -1 where there is none. */
  prediction: Int32Array;
  otherPrediction: Int32Array;
  /** By class: rows are the other's predictions, columns the shown run's. */
  disagreement: Int32Array;
  /** The classes of both, the shown run's first. */
  classNames: readonly string[];
  matched: number;
  /** Samples of the shown splits, and all of the other. */
  of: number;
  ofOther: number;
  /** What they were matched by in the end. */
  by: string;
  note: string;
  /** Share of the matched whose prediction differs. */
  churn: number;
  /** Matched samples with a label. */
  n: number;
  accuracy: Share;
  otherAccuracy: Share;
  interval: string;
  /** Samples by CHANGES. */
  counts: readonly number[];
  mcnemar: { lost: number; won: number; p: number };
}

export async function fetchComparison(
  run: string,
  step: number,
  against: Against,
  splits: readonly string[],
): Promise<Comparison> {
  const body = { run, step, other: against.run, other_step: against.step, by: against.by, splits: splits.join(',') };
  const answer = await columns('comparison', {}, { body });
  const record = answer.json as Record<string, unknown>;
  const share = (name: string): Share => ({
    share: toNumber(record[name]),
    low: toNumber(record[`${name}_low`]),
    high: toNumber(record[`${name}_high`]),
  });
  const { b, c, p } = record['mcnemar'] as Record<'b' | 'c' | 'p', unknown>;
  const counts = record['changes'] as Record<string, number>;
  return {
    against,
    step,
    index: pick(answer, 'index', Int32Array).data,
    otherIndex: pick(answer, 'other_index', Int32Array).data,
    change: pick(answer, 'change', Uint8Array).data,
    lossDifference: pick(answer, 'loss_difference', Float32Array).data,
    marginDifference: pick(answer, 'margin_difference', Float32Array).data,
    prediction: pick(answer, 'prediction', Int32Array).data,
    otherPrediction: pick(answer, 'other_prediction', Int32Array).data,
    disagreement: pick(answer, 'disagreement', Int32Array).data,
    classNames: record['class_names'] as string[],
    matched: toNumber(record['matched']),
    of: toNumber(record['of']),
    ofOther: toNumber(record['of_other']),
    by: String(record['by']),
    note: String(record['note'] ?? ''),
    churn: toNumber(record['churn']),
    n: toNumber(record['n']),
    accuracy: share('accuracy'),
    otherAccuracy: share('other_accuracy'),
    interval: String(record['interval']),
    counts: CHANGES.map((name) => counts[name] ?? 0),
    mcnemar: { lost: toNumber(b), won: toNumber(c), p: toNumber(p) },
  };
}

/** How many nearest neighbours samples have in common in a layer of both runs. */
export interface LayerOverlap {
  layer: string;
  other_layer: string;
  /** Mean share; NaN where too few vectors are finite. */
  overlap: number;
  /** What unrelated layers reach. */
  chance: number;
  /** Samples that were compared. */
  n: number;
}

export interface Overlap {
  layers: readonly LayerOverlap[];
  /** Layers of either that the other has none for. */
  leftOut: readonly string[];
  n: number;
  of: number;
  k: number;
  metric: string;
}

export async function fetchOverlap(run: string, step: number, against: Against, splits: readonly string[]): Promise<Overlap> {
  const answer = await post<Record<string, unknown>>('overlap', {
    run, step, other: against.run, other_step: against.step, by: against.by, splits: splits.join(','),
  });
  const layers = (answer['layers'] as Record<keyof LayerOverlap, unknown>[]).map((layer) => ({
    layer: String(layer.layer),
    other_layer: String(layer.other_layer),
    overlap: toNumber(layer.overlap),
    chance: toNumber(layer.chance),
    n: toNumber(layer.n),
  }));
  const { left_out: leftOut, n, of, k, metric } = answer as { left_out: string[]; n: number; of: number; k: number; metric: string };
  return { layers, leftOut, n, of, k, metric };
}
