/** Reading the list of runs, the shown run and its epochs, and keeping them fresh. */

import { batch, effect } from '@preact/signals';
import { asApiError, fetchRun, fetchRuns, fetchSteps, isStale } from '../api';
import { type RunPayload, type Step, type StepsPayload } from '../schema';
import { pageVisible } from './page';
import { SampleSet } from './sample_set';
import {
  colourBy,
  colourColumn,
  focused,
  hiddenClasses,
  hovered,
  liveNow,
  pinnedClasses,
  reconnects,
  run,
  runError,
  runList,
  runListError,
  runs,
  selected,
  shownPayload,
  shownSplits,
  shownSteps,
  step,
  stepsError,
  switching,
} from './state';

const POLL_LIVE_MS = 3000;
const POLL_IDLE_MS = 5000;
const POLL_RUNS_MS = 15000;
const POLL_EMPTY_MS = 4000;

let stepsVersion: string | number | null = null;

export async function loadRuns(): Promise<void> {
  try {
    const list = await fetchRuns();
    batch(() => {
      if (JSON.stringify(list) !== JSON.stringify(runList.peek())) runList.value = list;
      runListError.value = null;
    });
  } catch (error) {
    if (!isStale(error)) runListError.value = asApiError(error);
  }
}

/** The run that was started last among those that can be read. */
function firstRun(): string | null {
  const readable = runs.value.filter((entry) => entry.error === null);
  const newest = readable.reduce<(typeof readable)[number] | null>(
    (best, entry) => (best === null || entry.created > best.created ? entry : best),
    null,
  );
  return (newest ?? runs.value[0])?.run ?? null;
}

let reading: { wanted: string; done: Promise<void> } | null = null;

/** Fetches the wanted run; it replaces the shown one only when all of it is here. */
export function loadRun(): Promise<void> {
  const wanted = run.peek();
  if (wanted === null) return Promise.resolve();
  if (reading?.wanted === wanted) return reading.done;
  const done = readRun(wanted).finally(() => {
    if (reading?.done === done) reading = null;
  });
  reading = { wanted, done };
  return done;
}

async function readRun(wanted: string): Promise<void> {
  runError.value = null;
  try {
    const [shown, epochs] = await Promise.all([fetchRun(wanted), fetchSteps(wanted)]);
    if (run.peek() === wanted) batch(() => showRun(shown, epochs));
  } catch (error) {
    if (!isStale(error) && run.peek() === wanted) runError.value = asApiError(error);
  }
}

let linkedRun: string | null = null;

/** A link has named the wanted run: the focus that it names is one of that run. */
export function noteLinkedRun(name: string): void {
  linkedRun = name;
}

function showRun(shown: RunPayload, epochs: StepsPayload): void {
  const before = shownPayload.peek();
  const { manifest } = shown;
  shownPayload.value = shown;
  showSteps(epochs, true);
  if (!before) return;
  if (before.manifest.probe !== manifest.probe) {
    if (linkedRun !== shown.run) focused.value = null;
    selected.value = SampleSet.EMPTY;
    hovered.value = null;
  }
  if (before.manifest.class_names.join('\n') !== manifest.class_names.join('\n')) {
    hiddenClasses.value = new Set();
    pinnedClasses.value = new Set();
  }
}

/** Makes the state fit the shown run: links and switches of run can name what is not there. */
export function fitState(): void {
  run.value ??= firstRun();
  const shown = shownPayload.value;
  if (!shown || switching.value) return;
  const { manifest } = shown;
  step.value = nearest(shownSteps.value, step.value);
  const colour = colourColumn.value;
  if (!colour || colour.kind === 'text') colourBy.value = 'label';
  if ((focused.value ?? 0) >= manifest.n_samples) focused.value = null;
  const names = manifest.splits.map((split) => split.name);
  const kept = names.filter((name) => shownSplits.value.has(name));
  if (kept.length === 0) shownSplits.value = new Set(names);
  else if (kept.length < shownSplits.value.size) shownSplits.value = new Set(kept);
}

export async function loadSteps(): Promise<void> {
  const shown = shownPayload.peek();
  if (!shown || shown.run !== run.peek()) return loadRun();
  try {
    const epochs = await fetchSteps(shown.run);
    if (shownPayload.peek() !== shown || run.peek() !== shown.run) return;
    if (stepsError.peek()?.status === 0) reconnects.value++;
    stepsError.value = null;
    if (epochs.attempt !== shown.manifest.attempt) await loadRun();
    else batch(() => showSteps(epochs, false));
  } catch (error) {
    if (!isStale(error)) stepsError.value = asApiError(error);
  }
}

/** The shown epoch follows the last one, unless the user has moved off it. */
function showSteps(epochs: StepsPayload, otherRun: boolean): void {
  liveNow.value = epochs.live;
  if (!otherRun && epochs.version === stepsVersion) return;
  stepsVersion = epochs.version;
  const following = step.peek() === (shownSteps.peek().at(-1)?.step ?? null);
  shownSteps.value = epochs.steps;
  step.value = following ? (epochs.steps.at(-1)?.step ?? null) : nearest(epochs.steps, step.peek());
}

function nearest(list: readonly Step[], wanted: number | null): number | null {
  const last = list.at(-1)?.step ?? null;
  if (wanted === null || last === null) return last;
  const off = (entry: Step): number => Math.abs(entry.step - wanted);
  return list.reduce((best, entry) => (off(entry) < off(best) ? entry : best)).step;
}

/** Keeps everything fresh while the page is seen. */
export function startPolling(): () => void {
  const stops = [
    effect(() => batch(fitState)),
    effect(() => {
      void run.value;
      void loadRun();
    }),
    effect(() => every(loadSteps, () => (liveNow.peek() ? POLL_LIVE_MS : POLL_IDLE_MS))),
    effect(() => every(loadRuns, () => (runs.peek().length === 0 ? POLL_EMPTY_MS : POLL_RUNS_MS))),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Calls `work` now and then `ms()` after each end, while the page is seen. */
function every(work: () => Promise<void>, ms: () => number): (() => void) | undefined {
  if (!pageVisible.value) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const turn = async (): Promise<void> => {
    await work();
    if (!stopped) timer = setTimeout(turn, ms());
  };
  timer = setTimeout(turn, 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
