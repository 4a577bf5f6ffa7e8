/** What is to be said of pairs of samples. */

import { type Duplicates } from '../../api';

export interface PairFlags {
  labelsDiffer: boolean;
  splitsDiffer: boolean;
}

/** A label that is not known differs from none. */
export function pairFlags(first: number, second: number, labels: ArrayLike<number> | undefined, splitOf: (index: number) => string): PairFlags {
  const [one, other] = [labels?.[first] ?? -1, labels?.[second] ?? -1];
  return { labelsDiffer: one >= 0 && other >= 0 && one !== other, splitsDiffer: splitOf(first) !== splitOf(second) };
}

/** Each sample of the pairs once, in the order of the pairs. */
export function samplesOf({ first, second }: Pick<Duplicates, 'first' | 'second'>): number[] {
  const samples = new Set<number>();
  first.forEach((index, k) => samples.add(index).add(second[k]!));
  return [...samples];
}

/** A number that is not negative; null for an empty text; undefined for anything else. */
export function parseThreshold(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
