import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { ClassName } from '../../elements/swatch';
import { Table, type TableColumn } from '../../elements/table';
import { formatCount } from '../../format';
import { type Change, classStyles, linkedText } from '../../store';
import { className } from './change_flow';
import { type CellChange, type Changes, type Flow, KINDS, differenceOf, rankedCells, signed } from './change_model';

export interface ListProps {
  changes: Changes;
  narrow: boolean;
  chosen: readonly Change[];
  onChoose(changes: readonly Partial<Change>[], add: boolean): void;
}

const sortedBy = linkedText('change.sort');

const named = (index: number): JSX.Element => <ClassName look={classStyles.value[index]} name={className(index)} />;
const order = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Which predictions of which label went from what to what, the most frequent first. */
export function FlowList({ changes, narrow, chosen, onChoose }: ListProps): JSX.Element {
  const columns = useMemo((): TableColumn<Flow>[] => [
    { name: 'label', title: 'label', definition: 'Label', width: 'minmax(54px, 1fr)', least: 54, numeric: false, cell: ({ label }) => named(label) },
    { name: 'before', title: 'from', definition: `Predicted at epoch ${changes.from}`, width: 'minmax(54px, 1fr)', least: 54, numeric: false, cell: ({ before }) => named(before) },
    { name: 'after', title: 'to', definition: `Predicted at epoch ${changes.to}`, width: 'minmax(54px, 1fr)', least: 54, numeric: false, cell: ({ after }) => named(after) },
    { name: 'kind', title: '', definition: 'Right or wrong before, right or wrong after', width: '44px', least: 44, numeric: false, cell: ({ kind }) => <KindSign kind={kind} /> },
    { name: 'count', title: 'n', definition: 'Samples', width: '46px', least: 46, numeric: true, cell: ({ count }) => formatCount(count) },
  ], [changes, narrow]);
  const by = columns.some(({ name }) => name === sortedBy.value) ? sortedBy.value : 'count';
  const rows = useMemo(() => {
    if (by === 'count') return changes.flows;
    if (by === 'kind') return [...changes.flows].sort((a, b) => KINDS.findIndex(({ kind }) => kind === a.kind) - KINDS.findIndex(({ kind }) => kind === b.kind));
    return [...changes.flows].sort((a, b) => order(className(a[by as 'label']), className(b[by as 'label'])));
  }, [changes, by]);
  const only = chosen.length === 1 ? chosen[0]! : null;
  const at = only === null ? -1 : rows.findIndex(({ label, before, after }) => only.label === label && only.before === before && only.after === after);
  return (
    <Listed
      label="Flows"
      columns={columns}
      rows={rows}
      sort={{ column: by, descending: by === 'count' }}
      onSort={(name) => (sortedBy.value = name)}
      focus={at < 0 ? null : at}
      onFocus={({ label, before, after }, add) => onChoose([{ label, before, after }], add)}
    />
  );
}

/** What a cell lost and won. */
const traffic = (changes: Changes): TableColumn<CellChange>[] => [
  { name: 'left', title: 'left', definition: `In the cell at epoch ${changes.from} only`, width: '44px', least: 44, numeric: true, cell: ({ left }) => formatCount(left) },
  { name: 'entered', title: 'came', definition: `In the cell at epoch ${changes.to} only`, width: '48px', least: 48, numeric: true, cell: ({ entered }) => formatCount(entered) },
];

/** The cells, those whose count changed most first. */
export function CellList({ changes, narrow, chosen, onChoose }: ListProps): JSX.Element {
  const columns = useMemo((): TableColumn<CellChange>[] => [
    { name: 'label', title: 'label', definition: 'Label', width: 'minmax(54px, 1fr)', least: 54, numeric: false, cell: ({ label }) => named(label) },
    { name: 'prediction', title: 'taken for', definition: 'Prediction', width: 'minmax(54px, 1fr)', least: 54, numeric: false, cell: ({ prediction }) => named(prediction) },
    ...narrow ? [] : traffic(changes),
    { name: 'change', title: '±', definition: `Count at epoch ${changes.to} minus count at epoch ${changes.from}`, width: '54px', least: 54, numeric: true, cell: (cell) => <Difference cell={cell} /> },
  ], [changes, narrow]);
  const by = columns.some(({ name }) => name === sortedBy.value) ? sortedBy.value : 'change';
  const rows = useMemo(() => {
    const cells = rankedCells(changes);
    if (by === 'left' || by === 'entered') return cells.sort((a, b) => b[by] - a[by]);
    if (by === 'change') return cells;
    return cells.sort((a, b) => order(className(a[by as 'label']), className(b[by as 'label'])));
  }, [changes, by]);
  const cell = cellOf(chosen);
  const at = cell === null ? -1 : rows.findIndex(({ label, prediction }) => cell.label === label && cell.prediction === prediction);
  return (
    <Listed
      label="Cells"
      columns={columns}
      rows={rows}
      sort={{ column: by, descending: by === 'left' || by === 'entered' || by === 'change' }}
      onSort={(name) => (sortedBy.value = name)}
      focus={at < 0 ? null : at}
      onFocus={({ label, prediction }, add) => onChoose(changesOfCell(label, prediction), add)}
    />
  );
}

/** The samples that came into a cell, and those that left it. */
export function changesOfCell(label: number | null, prediction: number | null): Partial<Change>[] {
  if (prediction === null) return [{ label }];
  return [{ label, after: prediction }, { label, before: prediction }];
}

/** The cell that was chosen, or null. */
export function cellOf(chosen: readonly Change[]): { label: number | null; prediction: number } | null {
  const [came, went] = chosen;
  if (chosen.length !== 2 || came!.after === null || came!.before !== null || went!.before !== came!.after || went!.after !== null) return null;
  return { label: came!.label, prediction: came!.after };
}

/** More or fewer samples: good news on the diagonal, bad beside it. */
function Difference({ cell }: { cell: CellChange }): JSX.Element {
  const difference = differenceOf(cell);
  const better = (difference > 0) === (cell.label === cell.prediction);
  return <b class={difference === 0 ? 'muted' : better ? 'correct' : 'wrong'}>{signed(difference)}</b>;
}

export function KindSign({ kind }: { kind: Flow['kind'] }): JSX.Element {
  const { sign, title } = KINDS.find((entry) => entry.kind === kind)!;
  return <span class={`kind ${kind}`} title={title}>{sign}</span>;
}

interface ListedProps<R> {
  label: string;
  columns: readonly TableColumn<R>[];
  rows: readonly R[];
  sort: { column: string; descending: boolean };
  focus: number | null;
  onSort(name: string): void;
  onFocus(row: R, add: boolean): void;
}

function Listed<R>({ label, columns, rows, sort, focus, onSort, onFocus }: ListedProps<R>): JSX.Element {
  const add = useRef(false);
  const note = (event: MouseEvent | KeyboardEvent): void => void (add.current = event.shiftKey);
  return (
    <div class="sample-table" onClickCapture={note} onKeyDownCapture={note}>
      <Table
        label={label}
        columns={columns}
        total={rows.length}
        row={(position) => rows[position] ?? null}
        sort={sort}
        onSort={onSort}
        focus={focus}
        onFocus={(position) => rows[position] && onFocus(rows[position], add.current)}
        onRange={() => undefined}
        waiting={false}
      />
    </div>
  );
}
