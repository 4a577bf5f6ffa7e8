/** A comparison as files. */

import { CHANGES, type Comparison, type Overlap } from '../../../api';
import { csv } from '../../../csv';
import { type Pair } from './plots';

/** A line a matched sample. */
export function samplesCsv(found: Comparison): string {
  const { index, otherIndex, change, prediction, otherPrediction, lossDifference, marginDifference, classNames } = found;
  const rows = Array.from(index, (sample, k) => [
    sample, otherIndex[k]!, CHANGES[change[k]!] ?? '', classNames[prediction[k]!] ?? '', classNames[otherPrediction[k]!] ?? '',
    lossDifference[k]!, marginDifference[k]!,
  ]);
  return csv([['sample_index', 'other_sample_index', 'change', 'prediction', 'other_prediction', 'loss_difference', 'margin_difference'], ...rows]);
}

/** Counts: a line a prediction of the other, a column one of this run. */
export function disagreementCsv({ disagreement, classNames }: Comparison): string {
  const size = classNames.length;
  const row = (at: number): number[] => Array.from(disagreement.subarray(at * size, (at + 1) * size));
  return csv([['other \\ this run', ...classNames], ...classNames.map((name, at) => [name, ...row(at)])]);
}

export function overlapCsv({ layers, k, metric }: Overlap): string {
  const rows = layers.map(({ layer, other_layer: there, overlap, chance, n }) => [layer, there, overlap, chance, k, metric, n]);
  return csv([['layer', 'other_layer', 'overlap', 'chance', 'k', 'metric', 'n'], ...rows]);
}

/** Both pictures, the other's as it was turned. */
export function coordinatesCsv({ fixed, xy }: Pick<Pair, 'fixed' | 'xy'>, index: Int32Array): string {
  const rows = Array.from(index, (i) => [i, fixed[2 * i]!, fixed[2 * i + 1]!, xy[2 * i]!, xy[2 * i + 1]!]);
  return csv([['sample_index', 'x', 'y', 'other_x', 'other_y'], ...rows]);
}
