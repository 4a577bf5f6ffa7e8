/** What the legend counts and what its clicks do. */

import { type LegendEntry } from '../../colouring';

/** Wrong predictions of shown samples per legend entry, in the entries' order. */
export function wrongPerEntry(
  entries: readonly LegendEntry[],
  values: ArrayLike<number>,
  correct: ArrayLike<number>,
  shown: ArrayLike<number>,
  missingCode: (value: number) => boolean = (value) => value < 0 || value === 255,
): number[] {
  const at = new Map(entries.map((entry, k) => [entry.value, k]));
  const counts = entries.map(() => 0);
  for (let i = 0; i < correct.length; i++) {
    if (!shown[i] || correct[i] !== 0) continue;
    const value = values[i] ?? -1;
    const k = at.get(value) ?? (missingCode(value) ? at.get(-1) : undefined);
    if (k !== undefined) counts[k]!++;
  }
  return counts;
}

export function toggled(hidden: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(hidden);
  if (!next.delete(value)) next.add(value);
  return next;
}

/** Only `value` is left; where it was alone already, all come back. */
export function isolated(
  hidden: ReadonlySet<number>,
  value: number,
  all: readonly number[],
): ReadonlySet<number> {
  const alone = all.every((other) => hidden.has(other) === (other !== value));
  return new Set(alone ? [] : all.filter((other) => other !== value));
}

/** Shown samples per bin of the scale, 0 at the low end; `share` is NaN for a missing value. */
export function scaleHistogram(
  values: ArrayLike<number>,
  shown: ArrayLike<number>,
  share: (value: number) => number,
  bins: number,
): Int32Array {
  const counts = new Int32Array(bins);
  for (let i = 0; i < values.length; i++) {
    const at = share(values[i] ?? NaN);
    if (shown[i] && !Number.isNaN(at)) counts[Math.min(bins - 1, Math.floor(at * bins))]!++;
  }
  return counts;
}
