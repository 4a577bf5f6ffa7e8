import { type FacetLayout } from './layout';

/** Counts of the cells: a line a row of cells. */
export function cellsCsv(layout: FacetLayout, across: string, down: string): string {
  const { columns, rows, counts } = layout;
  const corner = `${down || 'all'} \\ ${across || 'all'}`;
  const head = [corner, ...columns.map(({ label }) => label || 'all')];
  const lines = rows.map(({ label }, y) => [label || 'all', ...columns.map((_, x) => String(counts[y * columns.length + x] ?? 0))]);
  return [head, ...lines].map((cells) => cells.map(quoted).join(',')).join('\n') + '\n';
}

/** No cell of a spreadsheet may start a formula. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
