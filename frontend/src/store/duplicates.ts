/** Near-duplicates among the samples, and the work that finds them. */

import { type ReadonlySignal, batch, computed, signal } from '@preact/signals';
import { type ApiError, type Duplicates, asApiError, cancelJob, fetchDuplicates } from '../api';
import { isOpen } from './follower';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { INPUTS, similarMetric, similarSource } from './similar';
import { payload, step, stepPosition } from './state';

const CACHE_BYTES = 4 * 2 ** 20;
const POLL_MS = 300;

/** Null: the server chooses. */
export const pairThreshold = signal<number | null>(null);
/** Only pairs of different splits: leaks. */
export const pairsAcross = signal(false);
/** A cancellation that did not arrive. */
export const cancelError = signal<ApiError | null>(null);

/** What was asked to be looked for, and how often something was: a new try asks anew. */
const started = signal<{ key: string; turn: number } | null>(null);
let turns = 0;
/** The try that the server has taken on: after it we only look, lest a look restart what was cancelled. */
let submitted = 0;

/** True until the server has heard of a cancellation. */
export const cancelling = signal(false);

interface Asked {
  key: string;
  scope: string;
  load(start: boolean): Promise<Duplicates>;
}

const asked: ReadonlySignal<Asked | null> = computed(() => {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || stepPosition.value < 0) return null;
  const request = { source: similarSource.value, metric: similarMetric.value, threshold: pairThreshold.value, across: pairsAcross.value };
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  return {
    key: JSON.stringify([scope, request.source === INPUTS ? null : at, request]),
    scope,
    load: (start) => fetchDuplicates({ run: shown.run, step: at, ...request }, start),
  };
});


/** How the search for the pairs stands; the pairs once it is done. */
export const duplicates: Resource<Duplicates> = follow<Duplicates>({
  wanted: wantedDuplicates,
  cache: new Cache<Duplicates>(CACHE_BYTES),
  bytes: ({ distance }) => 12 * distance.length + 512,
  again: (found) => (isOpen(found) ? POLL_MS : null),
});

function wantedDuplicates(): Wanted<Duplicates> | null {
  const of = asked.value;
  if (!of) return null;
  const turn = started.value?.key === of.key ? started.value.turn : null;
  return {
    key: JSON.stringify([of.key, turn, turns]),
    scope: of.scope,
    load: async () => {
      const found = await of.load(turn !== null && turn !== submitted);
      if (turn !== null) submitted = turn;
      return found;
    },
  };
}

/** Looks for the pairs of what is chosen now. */
export function findPairs(): void {
  const of = asked.peek();
  cancelError.value = null;
  if (of) started.value = { key: of.key, turn: ++turns };
}

export async function cancelPairs(): Promise<void> {
  const job = duplicates.data.peek()?.job;
  if (!job) return;
  batch(() => {
    cancelling.value = true;
    cancelError.value = null;
  });
  const error = await cancelJob(job).then(() => null, asApiError);
  turns++;
  batch(() => {
    cancelError.value = error;
    cancelling.value = false;
    started.value = null;
  });
}
