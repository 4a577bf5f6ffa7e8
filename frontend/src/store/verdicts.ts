/** Verdicts on labels: kept in this browser for the samples of a run's probe set. */

import { type ReadonlySignal, batch, computed, signal } from '@preact/signals';
import { SampleSet } from './sample_set';
import { payload } from './state';
import { readStored, watchStored, writeStored } from './storage';

export type VerdictWord = 'keep' | 'relabel' | 'ambiguous';
export const VERDICT_WORDS: readonly VerdictWord[] = ['keep', 'relabel', 'ambiguous'];

export interface Verdict {
  readonly word: VerdictWord;
  /** The class that it is relabelled to, else the one that was suggested. */
  readonly to: number;
  /** That of the ranking at the time; NaN where the sample was not in it. */
  readonly score: number;
}

/** What a verdict replaced: enough to take it back. */
type Change = readonly (readonly [number, Verdict | null])[];

interface Kept {
  readonly verdicts: ReadonlyMap<number, Verdict>;
  readonly past: readonly Change[];
}

const PREFIX = 'verdicts.';
const MOST_UNDO = 100;
/** An import that changed more than this cannot be taken back after a reload. */
const MOST_STORED_CHANGE = 1000;
const NOTHING: Kept = { verdicts: new Map(), past: [] };

/** What was read or written, by probe set. */
const known = new Map<string, Kept>();
/** What this browser's storage refused: kept until the page is left. */
const refused = signal<ReadonlySet<string>>(new Set());
const changes = signal(0);

const probe = computed(() => payload.value?.manifest.probe ?? null);

const kept: ReadonlySignal<Kept> = computed(() => {
  void changes.value;
  const of = probe.value;
  if (of === null) return NOTHING;
  let found = known.get(of);
  if (!found) known.set(of, (found = parseKept(readStored(PREFIX + of))));
  return found;
});

/** By sample index. */
export const verdicts: ReadonlySignal<ReadonlyMap<number, Verdict>> = computed(() => {
  const { n_samples: n, class_names: names } = payload.value?.manifest ?? { n_samples: 0, class_names: [] };
  const all = kept.value.verdicts;
  const fits = [...all].every(([index, { to }]) => index < n && to < names.length);
  return fits ? all : new Map([...all].filter(([index, { to }]) => index < n && to < names.length));
});

export const canUndoVerdict: ReadonlySignal<boolean> = computed(() => kept.value.past.length > 0);
/** True where this browser refuses to keep the verdicts on what is shown. */
export const verdictsNotStored: ReadonlySignal<boolean> = computed(() => refused.value.has(probe.value ?? ''));

/** Gives verdicts to samples, in the place of earlier ones. */
export function judge(judged: ReadonlyMap<number, Verdict>): void {
  const { past } = kept.peek();
  const before = put(judged);
  if (before.length > 0) keep({ verdicts: merged(judged), past: [...past.slice(1 - MOST_UNDO), before] });
}

/** Takes the last change back; gives a sample that it was about, or null. */
export function undoVerdict(): number | null {
  const { past } = kept.peek();
  const last = past.at(-1);
  if (!last) return null;
  keep({ verdicts: merged(new Map(last)), past: past.slice(0, -1) });
  return last[0]?.[0] ?? null;
}

/** What these verdicts replace. */
function put(judged: ReadonlyMap<number, Verdict>): Change {
  const all = kept.peek().verdicts;
  return [...judged.keys()].map((index) => [index, all.get(index) ?? null]);
}

function merged(change: ReadonlyMap<number, Verdict | null>): ReadonlyMap<number, Verdict> {
  const all = new Map(kept.peek().verdicts);
  for (const [index, verdict] of change) {
    if (verdict) all.set(index, verdict);
    else all.delete(index);
  }
  return all;
}

function keep(next: Kept): void {
  const of = probe.peek();
  if (of === null) return;
  known.set(of, next);
  const stored = writeStored(PREFIX + of, printKept(next));
  batch(() => {
    refused.value = new Set([...refused.peek()].filter((name) => name !== of).concat(stored ? [] : [of]));
    changes.value++;
  });
}

/** The samples with a verdict. */
export function judgedSet(word: VerdictWord): SampleSet {
  const chosen = [...verdicts.peek()].filter(([, verdict]) => verdict.word === word);
  return SampleSet.of(chosen.map(([index]) => index), payload.peek()?.manifest.n_samples ?? 0);
}

type Printed = readonly [number, VerdictWord, number, number | null];

function print([index, { word, to, score }]: readonly [number, Verdict]): Printed {
  return [index, word, to, Number.isFinite(score) ? score : null];
}

function printKept({ verdicts: all, past }: Kept): unknown {
  const stored = past.slice(past.findLastIndex((change) => change.length > MOST_STORED_CHANGE) + 1);
  return {
    verdicts: [...all].map(print),
    past: stored.map((change) => change.map(([index, before]) => (before ? print([index, before]) : [index]))),
  };
}

function parseKept(stored: unknown): Kept {
  const { verdicts: all, past } = (stored ?? {}) as { verdicts?: unknown; past?: unknown };
  const list = Array.isArray(all) ? all.flatMap((entry) => parse(entry) ?? []) : [];
  const parsed = Array.isArray(past) ? past.map((change) => (Array.isArray(change) ? change.map(parseChange) : [null])) : [];
  const sound = parsed.slice(parsed.findLastIndex((change) => change.includes(null)) + 1);
  return { verdicts: new Map(list), past: sound as unknown as readonly Change[] };
}

function parseChange(stored: unknown): readonly [number, Verdict | null] | null {
  if (Array.isArray(stored) && stored.length === 1) return isIndex(stored[0]) ? [stored[0], null] : null;
  return parse(stored)?.[0] ?? null;
}

/** A list of one: what `flatMap` takes; null where it is no verdict. */
function parse(stored: unknown): [readonly [number, Verdict]] | null {
  if (!Array.isArray(stored)) return null;
  const [index, word, to, score] = stored as unknown[];
  const said = VERDICT_WORDS.find((one) => one === word);
  if (!said || !isIndex(index) || !isIndex(to)) return null;
  return [[index, { word: said, to, score: typeof score === 'number' ? score : NaN }]];
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** Follows what other tabs of this browser keep. */
export function startVerdicts(): () => void {
  return watchStored((key) => {
    if (!key.startsWith(PREFIX) || refused.peek().has(key.slice(PREFIX.length))) return;
    known.delete(key.slice(PREFIX.length));
    changes.value++;
  });
}
