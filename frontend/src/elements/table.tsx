import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useVirtualRows } from './virtual_rows';

export interface TableColumn<R> {
  name: string;
  title: string;
  /** Tooltip of the head. */
  definition: string;
  /** CSS grid track. */
  width: string;
  /** Least width in CSS pixels, for the horizontal scroll. */
  least: number;
  numeric: boolean;
  /** Stands above the title. */
  above?: JSX.Element | null;
  cell(row: R): JSX.Element | string;
}

export interface TableProps<R> {
  label: string;
  columns: readonly TableColumn<R>[];
  total: number;
  /** Null while the row is on its way. */
  row(position: number): R | null;
  sort: { column: string; descending: boolean };
  onSort(column: string): void;
  /** Position of the highlighted row. */
  focus: number | null;
  onFocus(position: number): void;
  /** Rows in sight, from the first to before the last. */
  onRange(first: number, last: number): void;
  /** Old rows are shown until new ones arrive. */
  waiting: boolean;
  /** In CSS pixels; 28 by default. */
  headHeight?: number;
  /** Where rows can be chosen: by their box, Ctrl-click, Shift-click, Space and Shift-arrows. */
  choice?: TableChoice;
}

export interface TableChoice {
  chosen(position: number): boolean;
  /** Chooses the row, or takes it back. */
  onToggle(position: number): void;
  /** Chooses the rows from `first` to before `last` as well. */
  onAdd(first: number, last: number): void;
}

const ROW_HEIGHT = 28;

/** Only the rows in sight exist; where the columns do not fit, it scrolls sideways. */
export function Table<R>(props: TableProps<R>): JSX.Element {
  const { columns, total, focus, choice, headHeight = 28 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  /** Where a range that Shift extends begins. */
  const anchor = useRef<number | null>(null);
  const rows = useVirtualRows(scroller, total, ROW_HEIGHT, headHeight);
  const first = rows.items[0]?.index ?? 0;
  const last = (rows.items.at(-1)?.index ?? -1) + 1;
  useEffect(() => props.onRange(first, Math.max(last, first + 1)), [first, last]);
  useEffect(() => {
    if (focus !== null && focus < total) rows.scrollTo(focus);
  }, [focus, total > 0]);
  const layout = {
    gridTemplateColumns: columns.map((column) => column.width).join(' '),
    minWidth: `${columns.reduce((sum, column) => sum + column.least, 0)}px`,
  };
  const key = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const target = moved(event.key, focus ?? (anchor.current ?? 0) - 1, page, total);
    const all = event.key === 'a' && (event.ctrlKey || event.metaKey);
    const toggled = event.key === ' ' && focus !== null;
    const used = choice && (all || toggled) ? true : target !== null && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!used) return;
    event.preventDefault();
    event.stopPropagation();
    if (all) choice?.onAdd(0, total);
    else if (target === null) choice?.onToggle(focus ?? 0);
    else if (event.shiftKey) extend(target);
    if (!event.shiftKey) anchor.current = target ?? focus;
    if (target !== null && target !== focus) props.onFocus(target);
  };
  const extend = (position: number): void => {
    const from = anchor.current ?? focus ?? position;
    anchor.current = from;
    choice?.onAdd(Math.min(from, position), Math.max(from, position) + 1);
  };
  const press = (event: MouseEvent, position: number): void => {
    const boxed = event.target instanceof HTMLInputElement;
    if (choice && event.shiftKey) extend(position);
    else if (choice && (boxed || event.ctrlKey || event.metaKey)) choice.onToggle(position);
    else props.onFocus(position);
    if (!event.shiftKey) anchor.current = position;
  };
  return (
    <div
      class={props.waiting ? 'table waiting' : 'table'}
      ref={scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length}
      aria-busy={props.waiting}
      aria-multiselectable={choice !== undefined}
      tabIndex={0}
      onKeyDown={key}
    >
      <div class="table-head" role="row" aria-rowindex={1} style={{ ...layout, height: `${headHeight}px` }}>
        {columns.map((column) => <Head key={column.name} column={column} sort={props.sort} onSort={props.onSort} />)}
      </div>
      <div class="table-body" style={{ height: `${rows.totalHeight}px`, minWidth: layout.minWidth }}>
        {rows.items.map((item) => ({ index: item.index, top: rows.top(item) })).map(({ index, top }) => (
          <div
            key={index}
            class={index === focus ? 'table-row focused' : 'table-row'}
            role="row"
            aria-rowindex={index + 2}
            aria-selected={choice ? choice.chosen(index) : index === focus}
            aria-current={index === focus ? 'true' : undefined}
            style={{ ...layout, transform: `translateY(${top}px)` }}
            onMouseDown={(event) => event.shiftKey && event.preventDefault()}
            onClick={(event) => press(event, index)}
          >
            <Cells row={props.row(index)} columns={columns} ticked={choice ? choice.chosen(index) : null} />
          </div>
        ))}
      </div>
    </div>
  );
}

interface HeadProps<R> {
  column: TableColumn<R>;
  sort: { column: string; descending: boolean };
  onSort(column: string): void;
}

function Head<R>({ column, sort, onSort }: HeadProps<R>): JSX.Element {
  const sorted = sort.column === column.name;
  const state = sorted ? (sort.descending ? 'descending' : 'ascending') : 'none';
  return (
    <div role="columnheader" aria-sort={state} class={column.numeric ? 'number' : undefined}>
      <button type="button" class={sorted ? 'sorted' : undefined} title={column.definition} onClick={() => onSort(column.name)}>
        {column.above}
        <span class="table-title">
          <span class="ellipsis">{column.title}</span>
          {sorted && <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span>}
        </span>
      </button>
    </div>
  );
}

interface CellsProps<R> {
  row: R | null;
  columns: readonly TableColumn<R>[];
  /** Null where rows are not chosen. */
  ticked: boolean | null;
}

function Cells<R>({ row, columns, ticked }: CellsProps<R>): JSX.Element {
  return (
    <>
      {columns.map((column, k) => (
        <div key={column.name} role="gridcell" class={column.numeric ? 'number' : undefined}>
          {k === 0 && ticked !== null && (
            <input type="checkbox" checked={ticked} disabled={row === null} tabIndex={-1} aria-label="Select this row" title="Select (Space; Shift-click for a range)" />
          )}
          {row === null ? <span class="pending" /> : column.cell(row)}
        </div>
      ))}
    </>
  );
}

function moved(key: string, at: number, page: number, total: number): number | null {
  if (total === 0) return null;
  const clamp = (position: number): number => Math.min(total - 1, Math.max(0, position));
  switch (key) {
    case 'ArrowDown':
      return clamp(at + 1);
    case 'ArrowUp':
      return clamp(at - 1);
    case 'PageDown':
      return clamp(at + page);
    case 'PageUp':
      return clamp(at - page);
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return null;
  }
}
