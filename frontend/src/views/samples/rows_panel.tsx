import { type JSX } from 'preact';
import { HEAD_HEIGHT, SampleTable } from '../shared/sample_table';
import { QueryBar } from './query_bar';
import './rows_panel.css';

/** Query line, head and three rows, and the borders: the panel is never lower. */
export const LEAST_ROWS = 36 + HEAD_HEIGHT + 3 * 28 + 2;

/** The lower half of the view: the query line and the samples as a table. */
export function RowsPanel(): JSX.Element {
  return (
    <section class="panel rows-panel" aria-label="Table of samples">
      <QueryBar />
      <SampleTable />
    </section>
  );
}
