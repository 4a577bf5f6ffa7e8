/** Data that follows the state: loaded when shown, kept in a cache, never stale. */

import { type ReadonlySignal, type Signal, computed, effect, signal } from '@preact/signals';
import { type ApiError, asApiError, isStale } from '../api';
import { patiently } from './patience';
import { reconnects } from './state';

export interface Resource<T> {
  /** The last that was loaded; of the wanted key once `loading` is false and `error` null. */
  readonly data: ReadonlySignal<T | null>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<ApiError | null>;
  retry(): void;
}

/** Least recently used entries leave when the cache is over `capacity` bytes. */
export class Cache<T> {
  private readonly entries = new Map<string, { value: T; bytes: number }>();
  private bytes = 0;

  constructor(private readonly capacity: number) {}

  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  set(key: string, value: T, bytes: number): void {
    this.delete(key);
    this.entries.set(key, { value, bytes });
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.capacity || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }
}

export interface Wanted<T> {
  /** Names what is wanted; answers are kept under it. */
  key: string;
  /** Data of another scope (another run or attempt) is dropped at once. */
  scope: string;
  load(): Promise<T>;
  /** Likely wanted next: loaded after this one, while nothing else is. */
  next?: Wanted<T>[];
}

export interface ResourceOptions<T> {
  /** Computed from signals; null where nothing can be loaded yet. */
  wanted(): Wanted<T> | null;
  cache: Cache<T>;
  bytes(value: T): number;
  /** Milliseconds after which an unfinished answer is asked for again, or null. */
  again?(value: T): number | null;
}

/** What was loaded last, and the scope that it holds in. */
interface Loaded<T> {
  value: T;
  scope: string;
}

interface Part<T> {
  loaded: Signal<Loaded<T> | null>;
  loading: Signal<boolean>;
  error: Signal<ApiError | null>;
}

/**
 * What the server is yet to compute is asked for again until it is there.
 *
 * Loads while something watches any of its three signals. One request at a time: while it runs,
 * only the newest wish is remembered, so that dragging through the epochs does not pile up calls.
 */
export function follow<T>(options: ResourceOptions<T>): Resource<T> {
  const wanted = computed(options.wanted);
  let watchers = 0;
  let stop: (() => void) | null = null;
  const follower = (): void => {
    void reconnects.value;
    loader.want(wanted.value);
  };
  const settle = (): void => {
    if (watchers > 0 && !stop) stop = effect(follower);
    if (watchers === 0 && stop) {
      stop();
      stop = null;
      loader.rest();
    }
  };
  const watch = {
    watched: (): void => void (watchers++, queueMicrotask(settle)),
    unwatched: (): void => void (watchers--, queueMicrotask(settle)),
  };
  const part: Part<T> = {
    loaded: signal<Loaded<T> | null>(null, watch),
    loading: signal(false, watch),
    error: signal<ApiError | null>(null, watch),
  };
  const loader = new Loader(options, part);
  const data = computed(() => {
    const loaded = part.loaded.value;
    return loaded && loaded.scope === wanted.value?.scope ? loaded.value : null;
  });
  return { data, loading: part.loading, error: part.error, retry: () => loader.retry() };
}

class Loader<T> {
  private wish: Wanted<T> | null = null;
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: ResourceOptions<T>,
    private readonly part: Part<T>,
  ) {}

  want(wish: Wanted<T> | null): void {
    this.wish = wish;
    clearTimeout(this.timer);
    const cached = wish && this.options.cache.get(wish.key);
    this.part.error.value = null;
    if (wish && cached) this.show(wish, cached);
    this.part.loading.value = wish !== null && !cached;
    void this.work();
  }

  rest(): void {
    this.wish = null;
    this.part.loaded.value = null;
    clearTimeout(this.timer);
  }

  retry(): void {
    this.part.error.value = null;
    this.part.loading.value = true;
    void this.work();
  }

  private show({ scope }: Wanted<T>, value: T): void {
    this.part.loaded.value = { value, scope };
    const wait = this.options.again?.(value) ?? null;
    if (wait !== null) this.timer = setTimeout(() => this.refresh(), wait);
  }

  private refresh(): void {
    if (!this.wish) return;
    this.options.cache.delete(this.wish.key);
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.pending(); next; next = this.pending()) await this.load(next);
    this.busy = false;
  }

  private pending(): Wanted<T> | null {
    const wish = this.wish;
    if (!wish || this.part.error.peek()) return null;
    return [wish, ...(wish.next ?? [])].find(({ key }) => !this.options.cache.has(key)) ?? null;
  }

  private async load(wanted: Wanted<T>): Promise<void> {
    try {
      const value = await patiently(wanted.load, () => wanted.key === this.wish?.key);
      this.options.cache.set(wanted.key, value, this.options.bytes(value));
      if (wanted.key !== this.wish?.key) return;
      clearTimeout(this.timer);
      this.show(wanted, value);
      this.part.loading.value = false;
    } catch (error) {
      if (isStale(error)) return;
      if (wanted.key === this.wish?.key) this.fail(error);
      else if (this.wish?.next) this.wish = { ...this.wish, next: [] };
    }
  }

  private fail(error: unknown): void {
    this.part.error.value = asApiError(error);
    this.part.loading.value = false;
  }
}
