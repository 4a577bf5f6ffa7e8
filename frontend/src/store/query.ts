/** The query: its text, what it found, what is wrong with it, and those asked before. */

import { type ReadonlySignal, batch, computed, effect, signal } from '@preact/signals';
import { ApiError, asApiError, fetchQuery, isStale } from '../api';
import { travelling } from './collections';
import { against } from './comparison';
import { link } from './link';
import { patiently } from './patience';
import { SampleSet, encodeMembers } from './sample_set';
import { payload, selected, splitFilter, step, stepPosition } from './state';
import { readStored, writeStored } from './storage';

const HISTORY_KEY = 'queries';
const LONGEST_HISTORY = 30;
const LONGEST_KEPT = 1000;
const LONGEST_LINKED = 1900;

export interface QueryResult {
  text: string;
  run: string;
  step: number;
  splits: readonly string[];
  count: number;
  /** Samples of the splits that were asked. */
  total: number;
  hits: SampleSet;
}

export interface QueryProblem {
  /** The text that it is about. */
  text: string;
  error: ApiError;
}

/** What stands in the query line. */
export const queryText = signal('');
/** True where the line is to take the keyboard's focus as soon as it is there. */
export const queryFocus = signal(false);
export const queryRunning = signal(false);
export const queryError = signal<QueryProblem | null>(null);
/** Newest first. */
export const queryHistory = signal<readonly string[]>(readHistory());

const found = new WeakMap<SampleSet, QueryResult>();
const last = signal<QueryResult | null>(null);
/** Of a link: run as soon as its run is here. */
const linked = signal('');
let turn = 0;

/** What the query found, while that is what is selected. */
export const queryResult: ReadonlySignal<QueryResult | null> = computed(() => {
  const result = selected.value.size === 0 ? last.value : (found.get(selected.value) ?? null);
  return result?.hits === selected.value ? result : null;
});

/** Where that was found, if not in what the page shows now. */
export const queryElsewhere: ReadonlySignal<string | null> = computed(() => {
  const result = queryResult.value;
  if (!result) return null;
  if (result.run !== payload.value?.run) return 'another run';
  if (result.step !== step.value) return `epoch ${result.step}`;
  return result.splits.join() === splitFilter.value.join() ? null : 'other splits';
});

link(
  'query',
  linked,
  (text) => text,
  (waiting) => {
    const text = queryResult.value?.text ?? waiting;
    return text === '' || encodeURIComponent(text).length > LONGEST_LINKED ? null : text;
  },
);

/** Runs `text`; what it finds becomes the selected set, and what is wrong leaves that as it was. */
export async function runQuery(text: string): Promise<void> {
  const asked = ++turn;
  const shown = payload.peek();
  const at = step.peek();
  batch(() => {
    queryText.value = text;
    queryError.value = null;
    linked.value = '';
  });
  if (text.trim() === '') return forgetQuery();
  if (!shown || at === null) return;
  queryRunning.value = true;
  try {
    const scope = { run: shown.run, step: at, splits: splitFilter.peek() };
    const count = shown.manifest.n_samples;
    const chosen = selected.peek();
    const members = chosen.size === 0 ? null : encodeMembers(chosen, count);
    const request = { ...scope, against: against.peek(), text, selected: members, ...travelling(text, count) };
    const answer = await patiently(() => fetchQuery(request), () => asked === turn);
    if (asked !== turn || payload.peek()?.run !== shown.run) return;
    const hits = SampleSet.of(answer.members, count);
    adopt({ text, ...scope, count: answer.count, total: answer.total, hits });
  } catch (error) {
    if (!isStale(error) && asked === turn) queryError.value = { text, error: inText(asApiError(error), text) };
  } finally {
    if (asked === turn) queryRunning.value = false;
  }
}

function adopt(result: QueryResult): void {
  found.set(result.hits, result);
  batch(() => {
    last.value = result;
    selected.value = result.hits;
    remember(result.text);
  });
}

/** Empties the line, and the selection where it is what the query had found. */
export function forgetQuery(): void {
  turn++;
  batch(() => {
    if (queryResult.peek()) selected.value = SampleSet.EMPTY;
    last.value = null;
    queryText.value = '';
    queryError.value = null;
    queryRunning.value = false;
  });
}

/** The server counts characters, the page UTF-16 units. */
function inText(error: ApiError, text: string): ApiError {
  if (!error.position) return error;
  const letters = [...text];
  const [start, stop] = error.position.map((at) => letters.slice(0, at).join('').length) as [number, number];
  return new ApiError(error.message, error.hint, error.status, [start, stop]);
}

function readHistory(): string[] {
  const stored = readStored(HISTORY_KEY);
  return Array.isArray(stored) ? stored.filter((text) => typeof text === 'string').slice(0, LONGEST_HISTORY) : [];
}

function remember(text: string): void {
  const tidy = text.trim();
  if (tidy.length > LONGEST_KEPT) return;
  const others = queryHistory.peek().filter((entry) => entry !== tidy);
  queryHistory.value = [tidy, ...others].slice(0, LONGEST_HISTORY);
  writeStored(HISTORY_KEY, queryHistory.peek());
}

export function forgetHistory(): void {
  queryHistory.value = [];
  writeStored(HISTORY_KEY, []);
}

/** Runs the query that a link names, once its run is here. */
export function startQuery(): () => void {
  return effect(() => {
    const text = linked.value;
    if (text === '' || !payload.value || stepPosition.value < 0) return;
    if (text === queryResult.peek()?.text) linked.value = '';
    else void runQuery(text);
  });
}
