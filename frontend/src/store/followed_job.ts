/** Data that the worker computes: started when shown, followed, ended when nobody wants it any more. */

import { computed, signal } from '@preact/signals';
import { type Job, ApiError, cancelJob } from '../api';
import { isOpen } from './follower';
import { Cache, type Resource, type Wanted, follow } from './resource';

const CACHE_BYTES = 32 * 2 ** 20;
const POLL_MS = 250;
/** A job starts once what is wanted has not changed for so long. */
const REST_MS = 250;

/** What a job is asked for by. */
export interface Asked<T> {
  key: string;
  scope: string;
  /** Without `start` it only looks how the job stands. */
  load(start: boolean): Promise<T>;
  next?: Wanted<T>[];
}

export interface FollowedJob<T> extends Resource<T> {
  cancel(): void;
  /** Starts what was cancelled. */
  run(): void;
}


/** Starts what is wanted where nobody has, follows it, and ends it when it is no longer wanted. */
export function followJob<T extends Job>(asked: () => Asked<T> | null, bytes: (value: T) => number): FollowedJob<T> {
  const wish = computed(asked);
  const stopped = signal<string | null>(null);
  let open: { key: string; job: string } | null = null;
  const load = async (of: Asked<T>, start: boolean): Promise<T> => {
    const following = open?.key === of.key;
    if (open && !following) void cancelJob(open.job).catch(() => undefined);
    let found = await of.load(false);
    if (start && (found.state === 'absent' || (!following && (found.state === 'failed' || found.state === 'cancelled')))) {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (wish.peek()?.key !== of.key) throw new DOMException('Something else is wanted.', 'AbortError');
      found = await of.load(true);
    }
    open = isOpen(found) ? { key: of.key, job: found.job } : null;
    if (found.state === 'failed') throw new ApiError(found.error, found.hint);
    return found;
  };
  const resource = follow<T>({
    wanted: () => {
      const of = wish.value;
      if (!of) return null;
      const start = stopped.value !== of.key;
      return { key: start ? of.key : `${of.key} stopped`, scope: of.scope, load: () => load(of, start), next: start ? (of.next ?? []) : [] };
    },
    cache: new Cache<T>(CACHE_BYTES),
    bytes,
    again: (found) => (isOpen(found) ? POLL_MS : null),
  });
  return {
    ...resource,
    cancel: () => {
      if (!open) return;
      stopped.value = open.key;
      void cancelJob(open.job).catch(() => undefined);
    },
    run: () => void (stopped.value = null),
  };
}
