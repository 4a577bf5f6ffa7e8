/** The rows of the sample table: sorted and filtered by the server, read page by page. */

import { type ReadonlySignal, type Signal, batch, computed, effect, signal } from '@preact/signals';
import { type Against, type ApiError, type TablePage, asApiError, fetchTable, isStale } from '../api';
import { against } from './comparison';
import { link } from './link';
import { arrivals, patiently } from './patience';
import { Cache } from './resource';
import { encodeMembers } from './sample_set';
import { focused, payload, reconnects, selected, shownPayload, splitFilter, step, steps } from './state';
import { tableScope } from './table_scope';

const PAGE_ROWS = 100;
/** The most that the server gives at once. */
const MOST_ROWS = 1000;
const CACHED_PAGES = 60;

export interface Sort {
  column: string;
  descending: boolean;
}

/** One row of a page. */
export interface Row {
  page: TablePage;
  /** Position within the page. */
  at: number;
}

export const tableSort: Signal<Sort> = signal({ column: 'loss', descending: true });

link(
  'sort',
  tableSort,
  (text) => {
    const match = /^(-?)(.+)$/s.exec(text);
    return match ? { descending: match[1] === '-', column: match[2] ?? '' } : undefined;
  },
  ({ column, descending }) => (column === 'loss' && descending ? null : `${descending ? '-' : ''}${column}`),
);

interface Query {
  key: string;
  run: string;
  step: number;
  sort: Sort;
  /** Whether that column may be yet to compute. */
  slow: boolean;
  splits: readonly string[];
  /** Null: all. */
  members: string | null;
  against: Against | null;
}

const query: ReadonlySignal<Query | null> = computed(() => {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || !steps.value.some((entry) => entry.step === at)) return null;
  const compared = against.value;
  const catalogue = compared ? shown.columns : (shownPayload.value?.columns ?? []);
  const known = catalogue.some(({ name }) => name === tableSort.value.column);
  const sort = known ? tableSort.value : { column: 'loss', descending: true };
  const slow = catalogue.some((info) => info.name === sort.column && info.slow);
  const splits = splitFilter.value;
  const set = tableScope.value === 'selected' ? selected.value : null;
  const key = JSON.stringify([shown.run, shown.manifest.attempt, at, sort, splits, set?.id, compared, arrivals.value]);
  const members = set && encodeMembers(set, shown.manifest.n_samples);
  return { key, run: shown.run, step: at, sort, slow, splits, members, against: compared };
});

function placeOf({ key }: Query, focus: number | null): string {
  return JSON.stringify([key, focus]);
}

/**
 * Pages of the current query. Until its first page is here, the rows of the query before stay.
 * One request at a time, for what is in sight now.
 */
export class TableRows {
  readonly total: ReadonlySignal<number>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<ApiError | null>;
  /** Row number of the focused sample; null while unknown or filtered out. */
  readonly focusPosition: ReadonlySignal<number | null>;
  /** Changes whenever rows arrive. */
  readonly version: ReadonlySignal<number>;

  private readonly state = {
    total: signal(0),
    loading: signal(false),
    error: signal<ApiError | null>(null),
    focusPosition: signal<number | null>(null),
    version: signal(0),
  };
  private readonly cache = new Cache<TablePage>(CACHED_PAGES);
  private range: readonly [number, number] = [0, 0];
  private shownKey: string | null = null;
  private scope: string | null = null;
  private located: string | null = null;
  private busy = false;
  private started = false;

  constructor() {
    ({
      total: this.total,
      loading: this.loading,
      error: this.error,
      focusPosition: this.focusPosition,
      version: this.version,
    } = this.state);
  }

  /** Follows the state until the returned function is called. */
  start(): () => void {
    this.started = true;
    const stop = effect(() => {
      const scope = payload.value && `${payload.value.run} ${payload.value.manifest.attempt}`;
      if (scope !== this.scope) this.forget(scope);
      void query.value;
      void reconnects.value;
      const focus = focused.value;
      const at = this.state.focusPosition.peek();
      if (at !== null && this.indexAt(at) !== focus) this.state.focusPosition.value = null;
      this.state.error.value = null;
      void this.work();
    });
    return () => {
      this.started = false;
      stop();
    };
  }

  /** Rows in sight: from the first to before the last. */
  show(first: number, last: number): void {
    this.range = [first, last];
    void this.work();
  }

  retry(): void {
    this.state.error.value = null;
    void this.work();
  }

  /** The row at a position, or null while it is on its way. */
  row(position: number): Row | null {
    const page = this.cache.get(this.pageKey(this.shownKey, Math.floor(position / PAGE_ROWS)));
    const at = position % PAGE_ROWS;
    const length = page?.columns.get('sample_index')?.length ?? 0;
    return page && at < length ? { page, at } : null;
  }

  /** Focuses the sample at a position, fetched if need be. */
  async focusAt(position: number): Promise<void> {
    const wanted = query.peek();
    if (!wanted) return;
    const index = await this.sampleAt(wanted, position);
    if (index === null || query.peek()?.key !== wanted.key) return;
    batch(() => {
      this.located = placeOf(wanted, index);
      this.state.focusPosition.value = position;
      focused.value = index;
    });
  }

  private async sampleAt(wanted: Query, position: number): Promise<number | null> {
    const number = Math.floor(position / PAGE_ROWS);
    const key = this.pageKey(wanted.key, number);
    const page = this.cache.get(key) ?? (await this.fetchPage(wanted, number, null));
    this.cache.set(key, page, 1);
    return page.columns.get('sample_index')?.[position % PAGE_ROWS] ?? null;
  }

  /** The samples in the rows from `first` to before `last`; null where the table has changed meanwhile. */
  async samplesIn(first: number, last: number): Promise<number[] | null> {
    const wanted = query.peek();
    if (!wanted) return null;
    const found: number[] = [];
    while (found.length < last - first) {
      const here = this.indexAt(first + found.length);
      if (here !== null) {
        found.push(here);
        continue;
      }
      const from = first + found.length;
      const page = await this.fetchRows(wanted, from, Math.min(MOST_ROWS, last - from), null);
      if (query.peek()?.key !== wanted.key) return null;
      const samples = page.columns.get('sample_index') ?? [];
      if (samples.length === 0) break;
      found.push(...samples);
    }
    return found.slice(0, last - first);
  }

  private indexAt(position: number): number | null {
    const row = this.row(position);
    return row?.page.columns.get('sample_index')?.[row.at] ?? null;
  }

  private forget(scope: string | null): void {
    this.scope = scope;
    this.shownKey = null;
    this.state.total.value = 0;
    this.state.focusPosition.value = null;
  }

  private pageKey(key: string | null, number: number): string {
    return `${number} ${key ?? ''}`;
  }

  /** The page to ask for next, or null where all in sight is here. */
  private missing(wanted: Query): number | null {
    const [first, last] = this.range;
    const to = Math.max(first, last - 1);
    for (let number = Math.floor(first / PAGE_ROWS); number <= Math.floor(to / PAGE_ROWS); number++) {
      const beyond = wanted.key === this.shownKey && number * PAGE_ROWS >= Math.max(1, this.state.total.peek());
      if (!beyond && !this.cache.has(this.pageKey(wanted.key, number))) return number;
    }
    return null;
  }

  /** Of a table that is being scrolled, a page beside what is in sight that is not here yet. */
  private ahead(wanted: Query): number | null {
    const [first, last] = this.range;
    if (first === 0 || wanted.key !== this.shownKey) return null;
    const pages = Math.ceil(this.state.total.peek() / PAGE_ROWS);
    const beside = [Math.floor(last / PAGE_ROWS) + 1, Math.floor(first / PAGE_ROWS) - 1];
    const lacking = (number: number): boolean => number >= 0 && number < pages && !this.cache.has(this.pageKey(wanted.key, number));
    return beside.find(lacking) ?? null;
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let wanted = query.peek(); wanted && this.started; wanted = query.peek()) {
      const number = this.missing(wanted);
      const focus = focused.peek();
      const place = placeOf(wanted, focus);
      this.state.loading.value = number !== null;
      const ready = number === null && this.located === place;
      const next = ready ? this.ahead(wanted) : (number ?? Math.floor(this.range[0] / PAGE_ROWS));
      if (next === null || this.state.error.peek()) break;
      if (!ready && number === null && this.locate(wanted, focus)) this.located = place;
      else await this.load(wanted, next, focus, place);
    }
    this.state.loading.value = false;
    this.busy = false;
  }

  /** Finds the focused sample among the rows that are here. */
  private locate(wanted: Query, focus: number | null): boolean {
    this.adopt(wanted);
    if (focus === null) this.state.focusPosition.value = null;
    const [first, last] = this.range;
    for (let position = first; focus !== null && position < last; position++) {
      if (this.indexAt(position) !== focus) continue;
      this.state.focusPosition.value = position;
      return true;
    }
    return focus === null;
  }

  private adopt(wanted: Query): void {
    if (this.shownKey === wanted.key) return;
    const page = this.cache.get(this.pageKey(wanted.key, Math.floor(this.range[0] / PAGE_ROWS)));
    if (page) this.state.total.value = page.total;
    this.shownKey = wanted.key;
    this.state.version.value++;
  }

  private async load(wanted: Query, number: number, focus: number | null, place: string): Promise<void> {
    try {
      const page = await patiently(
        () => this.fetchPage(wanted, number, focus),
        () => this.started && wanted.key === query.peek()?.key,
      );
      this.cache.set(this.pageKey(wanted.key, number), page, 1);
      if (wanted.key !== query.peek()?.key) return;
      this.shownKey = wanted.key;
      this.state.total.value = page.total;
      if (focus === focused.peek()) {
        this.state.focusPosition.value = page.focus_position;
        this.located = place;
      }
      this.state.version.value++;
    } catch (error) {
      const unwanted = asApiError(error).retryAfter !== null;
      if (!isStale(error) && !unwanted) this.state.error.value = asApiError(error);
    }
  }

  private fetchPage(wanted: Query, number: number, focus: number | null): Promise<TablePage> {
    return this.fetchRows(wanted, number * PAGE_ROWS, PAGE_ROWS, focus);
  }

  private fetchRows(wanted: Query, offset: number, limit: number, focus: number | null): Promise<TablePage> {
    const { run, step: at, sort: { column, descending }, slow, splits, members, against: compared } = wanted;
    return fetchTable({ run, step: at, sort: column, descending, slow, splits, members, focus, offset, limit, against: compared });
  }
}
