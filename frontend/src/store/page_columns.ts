/** Columns that are of what the page shows, not of the record: they colour, no more. */
// Erased imports: state.ts, which all others rest on, reads this module.

import type { ReadonlySignal } from '@preact/signals';
import type { ColumnInfo } from '../schema';
import type { Column } from './data';
import type { Resource } from './resource';

export interface PageColumn {
  readonly info: ReadonlySignal<ColumnInfo>;
  readonly data: Resource<Column>;
}

const provided = new Map<string, PageColumn>();

/** Offers a column under the name that its `info` has. */
export function providePageColumn(column: PageColumn): void {
  provided.set(column.info.peek().name, column);
}

export const pageColumn = (name: string): PageColumn | undefined => provided.get(name);

export const pageColumns = (): PageColumn[] => [...provided.values()];
