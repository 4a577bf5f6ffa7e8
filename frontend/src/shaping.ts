/** A column as forms of points: one per sample, and what the legend says about them. */

import { FORMS, type Form } from './draw/points';
import { type ColumnInfo } from './schema';

/** No form is left for a missing value: it is drawn struck through. */
export const FORMLESS = 255;

export interface ShapeEntry {
  form: Form | null;
  label: string;
  /** Samples of the shown splits. */
  count: number;
}

export interface Shaping {
  /** Index into `FORMS` by sample, or `FORMLESS`. */
  codes: Uint8Array;
  entries: ShapeEntry[];
}

/** The values that a column can have, by code; null where they are too many for forms. */
export function shapeValues(info: ColumnInfo, classNames: readonly string[]): readonly string[] | null {
  if (info.kind === 'boolean') return info.name === 'correct' ? ['wrong', 'correct'] : ['no', 'yes'];
  const values = info.kind === 'index' ? classNames : info.kind === 'category' ? (info.values ?? []) : [];
  return values.length > 0 && values.length <= FORMS.length ? values : null;
}

/** What is usual is a disc: correct predictions, and what is not flagged. */
function formOf(info: ColumnInfo, code: number): number {
  if (info.kind !== 'boolean') return code;
  if (info.name === 'correct') return code === 1 ? 0 : FORMS.indexOf('cross');
  return code === 0 ? 0 : FORMS.indexOf('triangle');
}

export function shapeColumn(
  column: ArrayLike<number>,
  info: ColumnInfo,
  values: readonly string[],
  shown: ArrayLike<number>,
): Shaping {
  const forms = values.map((_, code) => formOf(info, code));
  const free = FORMS.findIndex((_, form) => !forms.includes(form));
  const missing = free < 0 ? FORMLESS : free;
  const counts = new Int32Array(values.length + 1);
  const codes = new Uint8Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const code = column[i] ?? -1;
    const known = code >= 0 && code < values.length;
    codes[i] = known ? forms[code]! : missing;
    counts[known ? code : values.length]! += shown[i] ?? 0;
  }
  const entries: ShapeEntry[] = values.map((label, code) => ({ form: FORMS[forms[code]!] ?? null, label, count: counts[code]! }));
  const lacking = counts[values.length]!;
  if (lacking > 0) entries.push({ form: FORMS[missing] ?? null, label: 'missing', count: lacking });
  return { codes, entries };
}
