import { type JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ErrorStrip } from '../../elements/states';
import { Table } from '../../elements/table';
import { TableRows, classStyles, payload, tableSort } from '../../store';
import { tableColumns } from './table_columns';

/** All samples of the shown splits; a click focuses one. Fills the height it is given. */
export function SampleTable(): JSX.Element | null {
  const [rows] = useState(() => new TableRows());
  useEffect(() => rows.start(), [rows]);
  const shown = payload.value;
  const looks = classStyles.value;
  const columns = useMemo(() => (shown ? tableColumns(shown, looks) : []), [shown, looks]);
  void rows.version.value;
  if (!shown) return null;
  const error = rows.error.value;
  const sortBy = (column: string): void => {
    const { column: before, descending } = tableSort.peek();
    const numeric = columns.find(({ name }) => name === column)?.numeric ?? false;
    tableSort.value = { column, descending: column === before ? !descending : numeric && column !== 'sample_index' };
  };
  return (
    <div class="sample-table">
      {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => rows.retry()} />}
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
      />
    </div>
  );
}
