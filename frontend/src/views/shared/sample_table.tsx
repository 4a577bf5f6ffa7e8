import { type JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Empty, ErrorStrip } from '../../elements/states';
import { type TableChoice, Table } from '../../elements/table';
import {
  SampleSet,
  TableRows,
  classStyles,
  distributions,
  payload,
  selectByRow,
  selected,
  shownMask,
  tableColumnsShown,
  tableScope,
  tableSort,
} from '../../store';
import { tableColumns } from './table_columns';

/** Title with a histogram above it. */
export const HEAD_HEIGHT = 44;

const UNSELECTED = 'Nothing is selected: tick rows, run a query, or draw around points in a plot.';
const ELSEWHERE = 'The selected samples are of splits that are not shown: show them in the top bar.';

/** The samples of the shown splits, or the selected ones; a click focuses one. Fills the height it is given. */
export function SampleTable(): JSX.Element | null {
  const [rows] = useState(() => new TableRows());
  useEffect(() => rows.start(), [rows]);
  const shown = payload.value;
  const looks = classStyles.value;
  const spread = distributions.data.value;
  const visible = tableColumnsShown.value;
  const columns = useMemo(() => (shown ? tableColumns(shown, looks, spread, visible) : []), [shown, looks, spread, visible]);
  void rows.version.value;
  if (!shown) return null;
  const error = rows.error.value ?? distributions.error.value;
  const retry = (): void => {
    if (rows.error.peek()) rows.retry();
    if (distributions.error.peek()) distributions.retry();
  };
  const sortBy = (column: string): void => {
    const { column: before, descending } = tableSort.peek();
    const numeric = columns.find(({ name }) => name === column)?.numeric ?? false;
    tableSort.value = { column, descending: column === before ? !descending : numeric && column !== 'sample_index' };
  };
  const nothing = rows.total.value === 0 && !rows.loading.value && tableScope.value === 'selected';
  return (
    <div class="sample-table">
      {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={retry} />}
      {nothing && <Empty>{selected.value.size > 0 ? ELSEWHERE : UNSELECTED}</Empty>}
      {!nothing && (
        <Table
          label="Samples"
          columns={columns}
          total={rows.total.value}
          row={(position) => rows.row(position)}
          sort={tableSort.value}
          onSort={sortBy}
          focus={rows.focusPosition.value}
          onFocus={(position) => void rows.focusAt(position)}
          onRange={(first, last) => rows.show(first, last)}
          waiting={rows.loading.value}
          headHeight={HEAD_HEIGHT}
          choice={choiceOf(rows, shown.manifest.n_samples, selected.value)}
        />
      )}
    </div>
  );
}

/** All that the table can list: of the selected samples nothing is left to select. */
function selectAll(): void {
  if (tableScope.peek() === 'all') selectByRow(selected.peek().plus(SampleSet.fromMask(shownMask.peek())));
}

/** Ticks are the selected set. */
function choiceOf(rows: TableRows, count: number, set: SampleSet): TableChoice {
  const sampleAt = (position: number): number | null => {
    const row = rows.row(position);
    return row?.page.columns.get('sample_index')?.[row.at] ?? null;
  };
  return {
    chosen: (position) => set.has(sampleAt(position) ?? -1),
    onToggle: (position) => {
      const index = sampleAt(position);
      if (index === null) return;
      const one = SampleSet.of([index], count);
      selectByRow(set.has(index) ? set.minus(one) : set.plus(one));
    },
    onAdd: (first, last) => {
      if (first === 0 && last === rows.total.peek()) return selectAll();
      void rows.samplesIn(first, last).then((found) => {
        if (found) selectByRow(selected.peek().plus(SampleSet.of(found, count)));
      });
    },
  };
}
