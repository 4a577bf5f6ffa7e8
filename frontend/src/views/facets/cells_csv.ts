import { csv } from '../../csv';
import { type FacetLayout } from './layout';

/** Counts of the cells: a line a row of cells. */
export function cellsCsv({ columns, rows, counts }: FacetLayout, across: string, down: string): string {
  const named = (label: string): string => label || 'all';
  return csv([
    [`${named(down)} \\ ${named(across)}`, ...columns.map(({ label }) => named(label))],
    ...rows.map(({ label }, y) => [named(label), ...columns.map((_, x) => counts[y * columns.length + x] ?? 0)]),
  ]);
}
