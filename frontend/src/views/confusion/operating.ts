/** What a threshold decides: a score from it on is called positive. */

/** `false negative`. */
export function outcomeName({ positive, taken }: { positive: boolean; taken: boolean }): string {
  return `${positive === taken ? 'true' : 'false'} ${taken ? 'positive' : 'negative'}`;
}

/** Samples by what they are and what they are called. */
export interface Outcomes {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

/** A score that is NaN belongs to no sample that counts. */
export function outcomesAt(scores: ArrayLike<number>, labels: ArrayLike<number>, of: number, at: number): Outcomes {
  const found = [0, 0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) continue;
    found[(labels[i] === of ? 0 : 2) + (score >= at ? 0 : 1)]!++;
  }
  const [truePositives = 0, falseNegatives = 0, falsePositives = 0, trueNegatives = 0] = found;
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/** NaN where a share is of none. */
export interface Rates {
  sensitivity: number;
  specificity: number;
  precision: number;
  f1: number;
  accuracy: number;
}

export function ratesOf({ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn }: Outcomes): Rates {
  return {
    sensitivity: tp / (tp + fn),
    specificity: tn / (tn + fp),
    precision: tp / (tp + fp),
    f1: (2 * tp) / (2 * tp + fp + fn),
    accuracy: (tp + tn) / (tp + fp + fn + tn),
  };
}

/** The scores of negative and positive samples, highest first, and all distinct ones. */
export interface Ranked {
  negatives: Float32Array;
  all: Float32Array;
}

export function rank(scores: ArrayLike<number>, labels: ArrayLike<number>, of: number): Ranked {
  const counted = Array.from({ length: scores.length }, (_, i) => i).filter((i) => !Number.isNaN(scores[i]));
  const falling = (of: number[]): Float32Array => Float32Array.from(of, (i) => scores[i]!).sort().reverse();
  return { negatives: falling(counted.filter((i) => labels[i] !== of)), all: falling(counted) };
}

/**
 * The lowest threshold, and so the highest sensitivity, at which at least a share `specificity` of
 * the negative samples stays negative. Infinity where only calling none positive does.
 */
export function thresholdAt({ negatives, all }: Ranked, specificity: number): number {
  const allowed = Math.floor((1 - specificity) * negatives.length + 1e-9);
  const barred = negatives[allowed];
  if (barred === undefined) return all.at(-1) ?? Infinity;
  let lowest = Infinity;
  for (const score of all) {
    if (score <= barred) break;
    lowest = score;
  }
  return lowest;
}

/** The threshold of the curve's point that is nearest to a place. */
export function nearest(x: ArrayLike<number>, y: ArrayLike<number>, thresholds: ArrayLike<number>, px: number, py: number): number {
  let [best, least] = [0, Infinity];
  for (let i = 0; i < x.length; i++) {
    const distance = (x[i]! - px) ** 2 + (y[i]! - py) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return thresholds[best] ?? 0.5;
}

/** Samples by score in equal bins: the others and the positives. */
export function scoreHistogram(scores: ArrayLike<number>, labels: ArrayLike<number>, of: number, bins: number): [Int32Array, Int32Array] {
  const found: [Int32Array, Int32Array] = [new Int32Array(bins), new Int32Array(bins)];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (!Number.isNaN(score)) found[labels[i] === of ? 1 : 0][Math.min(bins - 1, Math.floor(score * bins))]!++;
  }
  return found;
}
