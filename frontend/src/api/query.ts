/** Queries, what they are asked of, and samples as files. */

import { toNumber } from '../schema';
import { pick } from '../wire';
import { type Against, beside } from './comparison';
import { columns, file } from './request';

/** Samples of one epoch that a request is about. */
export interface Scope {
  run: string;
  step: number;
  /** Empty: all. */
  splits: readonly string[];
  /** With the columns of a comparison. */
  against?: Against | null;
}

export interface QueryRequest extends Scope {
  text: string;
  /** The selected set as `encodeMembers` writes it, null where it is empty. */
  selected: string | null;
  sets: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
}

export interface QueryAnswer {
  /** The hits' sample indices, ascending. */
  members: Int32Array;
  count: number;
  /** Samples of the splits. */
  total: number;
}

export async function fetchQuery({ splits, against, ...rest }: QueryRequest): Promise<QueryAnswer> {
  const answer = await columns('query', {}, { key: 'query', body: { ...rest, ...beside(against), splits: splits.join(',') } });
  const { count, total } = answer.json as { count: number; total: number };
  return { members: pick(answer, 'members', Int32Array).data, count, total };
}

/** The finite values of a column in 24 bins from `low` to `high`. */
export interface Distribution {
  low: number;
  high: number;
  all: Int32Array;
  /** Those of the members; null where all were asked for. */
  chosen: Int32Array | null;
  missing: number;
}

/** By column: every number but the indices. */
export async function fetchDistributions(
  { run, step, splits, against }: Scope,
  members: string | null,
): Promise<Map<string, Distribution>> {
  const body = { run, step, splits: splits.join(','), members, ...beside(against) };
  const answer = await columns('distributions', {}, { body });
  const { edges, missing } = answer.json as {
    edges: Record<string, [unknown, unknown]>;
    missing: Record<string, number>;
  };
  return new Map(
    Object.entries(edges).map(([name, [low, high]]) => [
      name,
      {
        low: toNumber(low),
        high: toNumber(high),
        all: pick(answer, `all:${name}`, Int32Array).data,
        chosen: members === null ? null : pick(answer, `chosen:${name}`, Int32Array).data,
        missing: missing[name] ?? 0,
      },
    ]),
  );
}

export type ExportKind = 'csv' | 'indices' | 'npy';

export function fetchExport(
  run: string,
  step: number,
  members: string,
  kind: ExportKind,
  against: Against | null = null,
): Promise<Blob> {
  return file('export', { run, step, members, kind, ...beside(against) });
}
