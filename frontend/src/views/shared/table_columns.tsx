/** How the catalogue's columns look in the table. */

import { type JSX } from 'preact';
import { type Distribution } from '../../api';
import { type Swatch } from '../../color';
import { Histogram } from '../../elements/histogram';
import { ClassName } from '../../elements/swatch';
import { type TableColumn } from '../../elements/table';
import { definitionOf, formatCount, formatFixed, formatValue } from '../../format';
import { type ColumnInfo, type RunPayload } from '../../schema';
import { type Row } from '../../store';
import { SampleThumbnail } from './sample_thumbnail';

/** What is looked at first comes first; the rest follows, sideways where it does not fit. */
const FIRST = ['sample_index', 'split', 'label', 'prediction', 'loss', 'objective', 'margin', 'label_score', 'rank', 'correct', 'id'];
const LAST = ['source_index'];

type Spread = ReadonlyMap<string, Distribution> | null;

export function tableColumns(shown: RunPayload, looks: readonly Swatch[], spread: Spread, visible: ReadonlySet<string>): TableColumn<Row>[] {
  const place = ({ name }: ColumnInfo): number => {
    if (FIRST.includes(name)) return FIRST.indexOf(name);
    if (shown.compared?.some((column) => column.name === name)) return 50;
    return LAST.includes(name) ? 1000 + LAST.indexOf(name) : 100;
  };
  const ordered = shown.columns.filter(({ name }) => visible.has(name)).sort((a, b) => place(a) - place(b));
  return ordered.map((info) => tableColumn(info, shown.manifest.class_names, looks, spread));
}

function tableColumn(info: ColumnInfo, classNames: readonly string[], looks: readonly Swatch[], spread: Spread): TableColumn<Row> {
  const { name, title } = info;
  const found = spread?.get(name);
  const range = found ? rangeOf(info, found) : '';
  const definition = [definitionOf(info), range].filter(Boolean).join('\n');
  const numeric = (info.kind === 'number' || info.kind === 'integer') && name !== 'sample_index';
  const wide = info.kind === 'index';
  const least = name === 'sample_index' ? 116 : wide ? 128 : widthOf(info);
  return {
    name,
    title: name === 'sample_index' ? '#' : title,
    definition,
    width: wide ? `minmax(${least}px, 1fr)` : `${least}px`,
    least,
    numeric,
    above: found ? <Histogram label={`${title}: ${range}`} all={found.all} chosen={found.chosen} /> : null,
    cell: cellOf(info, classNames, looks),
  };
}

/** `0.000 to 9.263, 3 missing`. */
function rangeOf(info: ColumnInfo, { low, high, all, missing }: Distribution): string {
  const format = numberFormat(info);
  const none = all.every((count) => count === 0);
  const range = none ? 'no finite value' : `${format(low)} to ${format(high)}`;
  return missing > 0 ? `${range}, ${formatCount(missing)} missing or not finite` : range;
}

function numberFormat({ name, kind, per_step: perStep }: ColumnInfo): (value: number) => string {
  if (kind === 'integer' || !perStep) return formatValue;
  return (value) => formatFixed(value, name.endsWith('margin') ? 2 : 3);
}

function widthOf({ kind, title }: ColumnInfo): number {
  const head = 28 + 6.5 * title.length;
  const least = kind === 'text' ? 120 : kind === 'boolean' ? 64 : 76;
  return Math.round(Math.min(200, Math.max(least, head)));
}

type Cell = (row: Row) => JSX.Element | string;

function cellOf(info: ColumnInfo, classNames: readonly string[], looks: readonly Swatch[]): Cell {
  const { name, kind } = info;
  const value = ({ page, at }: Row): number => page.columns.get(name)?.[at] ?? NaN;
  const nameOf = (index: number): string => (index < 0 ? 'unknown' : (classNames[index] ?? `class ${index}`));
  if (name === 'sample_index') return (row) => <IndexCell index={value(row)} />;
  if (name === 'prediction') return (row) => predictionCell(value(row), row, nameOf, looks);
  if (kind === 'index') return (row) => <ClassName look={looks[value(row)]} name={nameOf(value(row))} />;
  if (kind === 'category') return (row) => plain(info.values?.[value(row)] ?? '–');
  if (kind === 'text') return (row) => plain(row.page.text[name]?.[row.at] ?? '');
  if (name === 'correct') return (row) => tick(value(row));
  if (kind === 'boolean') return (row) => ['no', 'yes'][value(row)] ?? '–';
  if (name === 'rank') return (row) => (value(row) < 1 ? '–' : String(value(row)));
  if (kind === 'integer') return (row) => (value(row) === -1 ? '–' : Number.isNaN(value(row)) ? '' : String(value(row)));
  const format = numberFormat(info);
  if (info.slow) return (row) => (row.page.pending.includes(name) ? pending : format(value(row)));
  return (row) => format(value(row));
}

function IndexCell({ index }: { index: number }): JSX.Element {
  return (
    <span class="index-cell">
      <SampleThumbnail index={index} size={24} />
      {index}
    </span>
  );
}

function predictionCell(prediction: number, { page, at }: Row, nameOf: (index: number) => string, looks: readonly Swatch[]): JSX.Element {
  const label = page.columns.get('label')?.[at] ?? -1;
  const state = label < 0 ? '' : label === prediction ? 'correct' : 'wrong';
  return (
    <span class={`prediction ${state}`}>
      <span aria-label={state}>{{ correct: '✓', wrong: '✗', '': '' }[state]}</span>
      <ClassName look={looks[prediction]} name={nameOf(prediction)} />
    </span>
  );
}

const tick = (value: number): JSX.Element =>
  value === 1 ? <span class="correct">✓ yes</span> : value === 0 ? <span class="wrong">✗ no</span> : <span>–</span>;

const pending = <span title="Not computed yet: sort or colour by it">…</span>;

const plain = (text: string): JSX.Element => <span class="ellipsis" title={text}>{text}</span>;
