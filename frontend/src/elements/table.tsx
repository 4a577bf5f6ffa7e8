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
}

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 28;

/** Only the rows in sight exist; where the columns do not fit, it scrolls sideways. */
export function Table<R>(props: TableProps<R>): JSX.Element {
  const { columns, total, focus } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualRows(scroller, total, ROW_HEIGHT, HEAD_HEIGHT);
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
    const target = moved(event.key, focus ?? -1, page, total);
    if (target === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (target !== focus) props.onFocus(target);
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
      tabIndex={0}
      onKeyDown={key}
    >
      <div class="table-head" role="row" aria-rowindex={1} style={layout}>
        {columns.map((column) => <Head key={column.name} column={column} sort={props.sort} onSort={props.onSort} />)}
      </div>
      <div class="table-body" style={{ height: `${rows.totalHeight}px`, minWidth: layout.minWidth }}>
        {rows.items.map((item) => ({ index: item.index, top: rows.top(item) })).map(({ index, top }) => (
          <div
            key={index}
            class={index === focus ? 'table-row focused' : 'table-row'}
            role="row"
            aria-rowindex={index + 2}
            aria-selected={index === focus}
            style={{ ...layout, transform: `translateY(${top}px)` }}
            onClick={() => props.onFocus(index)}
          >
            <Cells row={props.row(index)} columns={columns} />
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
        <span class="ellipsis">{column.title}</span>
        {sorted && <span aria-hidden="true">{sort.descending ? '↓' : '↑'}</span>}
      </button>
    </div>
  );
}

function Cells<R>({ row, columns }: { row: R | null; columns: readonly TableColumn<R>[] }): JSX.Element {
  return (
    <>
      {columns.map((column) => (
        <div key={column.name} role="gridcell" class={column.numeric ? 'number' : undefined}>
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
