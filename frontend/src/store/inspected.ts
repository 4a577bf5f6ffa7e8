/** The focused sample's record and input, its neighbours read ahead. */

import { type Signal, signal } from '@preact/signals';
import { type Input, type Sample, fetchInput, fetchSample } from '../api';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { focused, payload, step, stepPosition, steps } from './state';

const CACHE_BYTES = 24 * 2 ** 20;

/** The samples that are likely focused next; null: those beside the focused one. */
export const readAhead: Signal<readonly number[] | null> = signal(null);

/** Null without a focus. */
export const inspectedSample: Resource<Sample> = follow<Sample>({
  wanted: () => around((run, where, index) => wantedSample(run, where, index)),
  cache: new Cache<Sample>(CACHE_BYTES),
  bytes: (sample) => 24 * sample.steps.length + 1024,
});

export const inspectedInput: Resource<Input & { index: number }> = follow<Input & { index: number }>({
  wanted: () => around(wantedInput),
  cache: new Cache<Input & { index: number }>(CACHE_BYTES),
  bytes: (input) => input.data.byteLength,
});

/** What is wanted of the focused sample, then of those that are likely next. */
function around<T>(make: (run: string, where: string, index: number) => Wanted<T> | null): Wanted<T> | null {
  const shown = payload.value;
  const index = focused.value;
  if (!shown || index === null || index >= shown.manifest.n_samples) return null;
  const where = JSON.stringify([shown.run, shown.manifest.attempt]);
  const wanted = make(shown.run, where, index);
  if (!wanted) return null;
  const beside = (readAhead.value ?? [index + 1, index - 1]).filter((at) => at >= 0 && at < shown.manifest.n_samples);
  const next = beside.flatMap((at) => make(shown.run, where, at) ?? []);
  return { ...wanted, next };
}

function wantedSample(run: string, where: string, index: number): Wanted<Sample> | null {
  const at = step.value;
  if (at === null || stepPosition.value < 0) return null;
  return {
    key: JSON.stringify([where, at, steps.value.length, index]),
    scope: where,
    load: () => fetchSample(run, at, index),
  };
}

function wantedInput(run: string, where: string, index: number): Wanted<Input & { index: number }> {
  return {
    key: JSON.stringify([where, index]),
    scope: where,
    load: async () => ({ ...(await fetchInput(run, index)), index }),
  };
}
