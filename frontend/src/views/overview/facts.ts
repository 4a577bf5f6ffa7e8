/** What the Overview says about samples: counts and a choice of examples. */

import { shuffled } from '../../draw/points';
import { type SplitInfo } from '../../schema';

export interface ClassCounts {
  /** Samples per class, one array per split. */
  counts: Int32Array[];
  /** Per split, samples whose label is not known. */
  unknown: number[];
  /** The largest sum over the splits. */
  most: number;
}

/** The histogram of `labels` per split; splits are contiguous. */
export function countClasses(
  labels: ArrayLike<number>,
  splits: readonly SplitInfo[],
  nClasses: number,
): ClassCounts {
  const unknown: number[] = [];
  const totals = new Int32Array(nClasses);
  const counts = splits.map((split) => {
    const counted = new Int32Array(nClasses);
    let lost = 0;
    for (let i = split.start; i < split.start + split.count; i++) {
      const label = labels[i] ?? -1;
      if (label < 0 || label >= nClasses) lost++;
      else {
        counted[label]!++;
        totals[label]!++;
      }
    }
    unknown.push(lost);
    return counted;
  });
  return { counts, unknown, most: totals.reduce((most, count) => Math.max(most, count), 0) };
}

/** Up to `perClass` samples of every class of one split, drawn by `seed`; rows by class index. */
export function chooseExamples(
  labels: ArrayLike<number>,
  split: SplitInfo,
  nClasses: number,
  perClass: number,
  seed: number,
): number[][] {
  const rows = Array.from({ length: nClasses }, (): number[] => []);
  for (const offset of shuffled(split.count, seed)) {
    const row = rows[labels[split.start + offset] ?? -1];
    if (row && row.length < perClass) row.push(split.start + offset);
  }
  return rows;
}

/** Number of wrong predictions and of samples with a known label among `mask`. */
export function countWrong(
  correct: ArrayLike<number>,
  mask: ArrayLike<number>,
): { wrong: number; known: number } {
  let wrong = 0;
  let known = 0;
  for (let i = 0; i < correct.length; i++) {
    if (!mask[i] || correct[i] === 255) continue;
    known++;
    if (correct[i] === 0) wrong++;
  }
  return { wrong, known };
}
