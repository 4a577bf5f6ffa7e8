/** What the tabs show, as files. */

import { type Calibration, type Confusion, type Slices, type ThresholdCurves } from '../../api';
import { payload, step } from '../../store';
import { csv } from '../../csv';

/** `exp1-epoch-3-confusion.png`. */
export function fileName(what: string): string {
  return `${payload.peek()?.name ?? 'run'}-epoch-${step.peek() ?? 0}-${what}`.replace(/[^\w.-]+/g, '_');
}

/** Counts: a line a label, a column a prediction. */
export function matrixCsv({ matrix }: Confusion, names: readonly string[]): string {
  const row = (label: number): number[] => Array.from(matrix.subarray(label * names.length, (label + 1) * names.length));
  return csv([['label \\ prediction', ...names], ...names.map((name, label) => [name, ...row(label)])]);
}

export function classesCsv(data: Confusion, names: readonly string[]): string {
  const { support, predicted, precision, recall, f1 } = data;
  const rows = names.map((name, at) => [name, support[at]!, predicted[at]!, precision[at]!, recall[at]!, f1[at]!]);
  return csv([['class', 'n', 'predicted', 'precision', 'recall', 'f1'], ...rows]);
}

export function calibrationCsv({ low, high, count, confidence, accuracy }: Calibration): string {
  const rows = Array.from(low, (from, k) => [from, high[k]!, count[k]!, confidence[k]!, accuracy[k]!]);
  return csv([['confidence_from', 'confidence_to', 'n', 'mean_confidence', 'accuracy'], ...rows]);
}

/** Both curves below each other. */
export function curvesCsv(curves: ThresholdCurves): string {
  const { fpr, tpr, rocThreshold, precision, recall, prThreshold } = curves;
  const roc = Array.from(fpr, (x, k) => ['roc', rocThreshold[k]!, x, tpr[k]!]);
  const pr = Array.from(recall, (x, k) => ['precision_recall', prThreshold[k]!, x, precision[k]!]);
  return csv([['curve', 'threshold', 'x', 'y'], ...roc, ...pr]);
}

export function slicesCsv(slices: Slices): string {
  const { accuracy, recall, loss } = slices;
  const figures = [accuracy, loss, ...(recall ? [recall] : [])];
  const names = ['accuracy', 'loss', 'recall'].flatMap((name) => [name, `${name}_low`, `${name}_high`]);
  const rows = slices.rows.map((texts, k) => [
    ...texts, slices.count[k]!, ...figures.flatMap(({ value, low, high }) => [value[k]!, low[k]!, high[k]!]),
  ]);
  return csv([[...slices.fields, 'n', ...names.slice(0, 3 * figures.length)], ...rows]);
}

export const textFile = (text: string): Blob => new Blob([text], { type: 'text/csv' });
