/** Labels against predictions: the matrix, calibration, thresholds, slices. */

import { toNumber } from '../schema';
import { pick } from '../wire';
import { type Against, beside } from './comparison';
import { type Parameters, columns } from './request';

/** What is asked about: an epoch of a run, and splits where not all are meant. */
export interface Asked {
  run: string;
  step: number;
  splits: readonly string[];
}

const parameters = ({ run, step, splits }: Asked): Parameters => ({
  run,
  step,
  splits: splits.length ? splits.join(',') : null,
});

export interface Confusion {
  step: number;
  /** Counts, row-major: rows are labels, columns predictions. */
  matrix: Int32Array;
  /** Classes so that those confused with one another lie together. */
  order: Int32Array;
  /** Per class; NaN where undefined. */
  precision: Float32Array;
  recall: Float32Array;
  f1: Float32Array;
  support: Int32Array;
  predicted: Int32Array;
  n: number;
  unknown: number;
  noPrediction: number;
  accuracy: number;
  accuracyLow: number;
  accuracyHigh: number;
  balancedAccuracy: number;
  top5Accuracy: number;
  /** How the interval was made. */
  interval: string;
}

export async function fetchConfusion(asked: Asked): Promise<Confusion> {
  const answer = await columns('confusion', parameters(asked), {});
  const json = answer.json as Record<string, unknown>;
  const number = (name: string): number => toNumber(json[name]);
  const integers = (name: string): Int32Array => pick(answer, name, Int32Array).data;
  const floats = (name: string): Float32Array => pick(answer, name, Float32Array).data;
  return {
    step: asked.step,
    matrix: integers('matrix'),
    order: integers('order'),
    precision: floats('precision'),
    recall: floats('recall'),
    f1: floats('f1'),
    support: integers('support'),
    predicted: integers('predicted'),
    n: number('n'),
    unknown: number('unknown'),
    noPrediction: number('no_prediction'),
    accuracy: number('accuracy'),
    accuracyLow: number('accuracy_low'),
    accuracyHigh: number('accuracy_high'),
    balancedAccuracy: number('balanced_accuracy'),
    top5Accuracy: number('top5_accuracy'),
    interval: String(json['interval']),
  };
}

/** Reliability by bins of confidence, the score of the prediction. */
export interface Calibration {
  low: Float32Array;
  high: Float32Array;
  /** Means over a bin; NaN in an empty one. */
  confidence: Float32Array;
  accuracy: Float32Array;
  count: Int32Array;
  ece: number;
  mce: number;
  n: number;
}

export async function fetchCalibration(asked: Asked, bins: number): Promise<Calibration> {
  const answer = await columns('calibration', { ...parameters(asked), bins }, {});
  const json = answer.json as Record<string, unknown>;
  const floats = (name: string): Float32Array => pick(answer, name, Float32Array).data;
  return {
    low: floats('low'),
    high: floats('high'),
    confidence: floats('confidence'),
    accuracy: floats('accuracy'),
    count: pick(answer, 'count', Int32Array).data,
    ece: toNumber(json['ece']),
    mce: toNumber(json['mce']),
    n: toNumber(json['n']),
  };
}

/** One class against the rest. */
export interface ThresholdCurves {
  positive: number;
  /** The class's score of every sample; NaN outside the splits and without a label. */
  scores: Float32Array;
  fpr: Float32Array;
  tpr: Float32Array;
  rocThreshold: Float32Array;
  precision: Float32Array;
  recall: Float32Array;
  prThreshold: Float32Array;
  positives: number;
  negatives: number;
  rocAuc: number;
  averagePrecision: number;
  /** Points that the curves had before they were thinned, or null. */
  thinned: number | null;
  /** Samples without a score of this class, since only the highest were stored, ... */
  notStored: number;
  /** ... which lie below every threshold above this. */
  exactAbove: number;
  /** Samples whose score is not finite: counted nowhere. */
  leftOut: number;
}

export async function fetchThreshold(asked: Asked, positive: number): Promise<ThresholdCurves> {
  const answer = await columns('threshold', { ...parameters(asked), class: positive }, {});
  const json = answer.json as Record<string, unknown>;
  const floats = (name: string): Float32Array => pick(answer, name, Float32Array).data;
  return {
    positive,
    scores: floats('scores'),
    fpr: floats('fpr'),
    tpr: floats('tpr'),
    rocThreshold: floats('roc_threshold'),
    precision: floats('precision'),
    recall: floats('recall'),
    prThreshold: floats('pr_threshold'),
    positives: toNumber(json['positives']),
    negatives: toNumber(json['negatives']),
    rocAuc: toNumber(json['roc_auc']),
    averagePrecision: toNumber(json['average_precision']),
    thinned: typeof json['thinned'] === 'number' ? json['thinned'] : null,
    notStored: toNumber(json['not_stored']),
    exactAbove: toNumber(json['exact_above']),
    leftOut: toNumber(json['left_out']),
  };
}

/** A mean per slice with its 95% interval. */
export interface Interval {
  value: Float32Array;
  low: Float32Array;
  high: Float32Array;
}

export interface Slices {
  fields: string[];
  /** What names a slice, a text a field. */
  rows: string[][];
  count: Int32Array;
  accuracy: Interval;
  /** Of the class that was asked for, or null. */
  recall: Interval | null;
  loss: Interval;
  /** Row of every sample, -1 in none. */
  codes: Int32Array;
}

export interface SlicesAsked extends Asked {
  fields: readonly string[];
  bins: number;
  class: number | null;
  against?: Against | null;
}

export async function computeSlices({ against, ...asked }: SlicesAsked): Promise<Slices> {
  const answer = await columns('slices', {}, { body: { ...asked, ...beside(against), splits: asked.splits.join(',') } });
  const { rows, fields } = answer.json as { rows: string[][]; fields: string[] };
  const floats = (name: string): Float32Array => pick(answer, name, Float32Array).data;
  const interval = (name: string, low: string, high: string): Interval => ({
    value: floats(name),
    low: floats(low),
    high: floats(high),
  });
  return {
    fields,
    rows,
    count: pick(answer, 'count', Int32Array).data,
    accuracy: interval('accuracy', 'low', 'high'),
    recall: answer.arrays.has('recall') ? interval('recall', 'recall_low', 'recall_high') : null,
    loss: interval('loss', 'loss_low', 'loss_high'),
    codes: pick(answer, 'codes', Int32Array).data,
  };
}
