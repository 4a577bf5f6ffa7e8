/** A column as the bins that images are laid out by. */

import { bisectRight, quantileSorted } from 'd3-array';
import { formatValue } from '../../format';
import { type ColumnInfo } from '../../schema';

export interface Field {
  title: string;
  /** Bin of every sample. */
  codes: Int32Array;
  /** What each bin holds, in the order it is shown. */
  labels: readonly string[];
}

interface Values {
  values: Float32Array | Int32Array | Uint8Array;
  categories: readonly string[] | null;
}

/** Numbers fall in this many bins of about equally many samples. */
export const BINS = 6;

/** One bin for all: no field is chosen. */
export function noField(count: number): Field {
  return { title: '', codes: new Int32Array(count), labels: [''] };
}

export function fieldOf(column: Values, info: ColumnInfo): Field {
  const numeric = info.kind === 'number' || info.kind === 'integer';
  return { title: info.title, ...(numeric ? binned(column.values) : listed(column, info)) };
}

function listed({ values, categories }: Values, info: ColumnInfo): Omit<Field, 'title'> {
  const names = info.kind === 'boolean' ? booleanNames(info.name) : (categories ?? []);
  const missing = names.length;
  const codes = Int32Array.from(values, (value) => (value >= 0 && value < missing ? value : missing));
  return withMissing(codes, names, missing);
}

function booleanNames(name: string): readonly string[] {
  return name === 'correct' ? ['wrong', 'correct'] : ['no', 'yes'];
}

/** Up to `BINS` distinct numbers are bins of their own, more are cut at their quantiles. */
function binned(values: ArrayLike<number>): Omit<Field, 'title'> {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const distinct = firstDistinct(sorted, BINS);
  const starts = distinct ?? quantiles(sorted);
  const labels = distinct ? starts.map(formatValue) : ranges(starts, sorted.at(-1) ?? 0);
  const missing = labels.length;
  const codes = Int32Array.from(values, (value) =>
    Number.isNaN(value) || missing === 0 ? missing : Math.max(0, bisectRight(starts, value) - 1),
  );
  return withMissing(codes, labels, missing);
}

/** The distinct numbers, null where there are more than `most`. */
function firstDistinct(sorted: Float64Array, most: number): number[] | null {
  const found: number[] = [];
  for (const value of sorted) {
    if (found.at(-1) === value) continue;
    if (found.length === most) return null;
    found.push(value);
  }
  return found;
}

/** Where each bin starts. */
function quantiles(sorted: Float64Array): number[] {
  const numbers = Array.from(sorted);
  const edges = Array.from({ length: BINS }, (_, k) => quantileSorted(numbers, k / BINS) ?? 0);
  return edges.filter((edge, k) => k === 0 || edge > (edges[k - 1] ?? -Infinity));
}

function ranges(starts: readonly number[], high: number): string[] {
  return starts.map((start, k) => `${formatValue(start)} – ${formatValue(starts[k + 1] ?? high)}`);
}

function withMissing(codes: Int32Array, names: readonly string[], missing: number): Omit<Field, 'title'> {
  return { codes, labels: codes.includes(missing) ? [...names, 'missing'] : names };
}
