/** The label review: the ranking, the queue that its filters leave, and the place in it. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import { type LabelErrors, type Reason, fetchLabelErrors } from '../api';
import { column } from './data';
import { inspectedSample, readAhead } from './inspected';
import { JobFollower, type WantedJob } from './job_follower';
import { linkedText } from './link';
import { Cache } from './resource';
import { focusSample, focused, payload, shownMask, step, stepPosition, steps } from './state';
import { type Verdict, type VerdictWord, canUndoVerdict, judge, undoVerdict, verdicts } from './verdicts';

/** Epochs below which nothing is ranked. */
export const LEAST_EPOCHS = 3;
const CACHE_BYTES = 16 * 2 ** 20;
const REST_MS = 250;
const AHEAD = 3;

const follower = new JobFollower<LabelErrors>(new Cache(CACHE_BYTES), ({ index, evidence }) => index.length * (13 + 4 * evidence.size), ({ state }) => state === 'done', REST_MS);

export const rankingJob = follower.job;
export const rankingError = follower.error;
export const cancelRanking = (): void => follower.cancel();
export const runRanking = (): void => follower.run();

/** Answers of one attempt at one run. */
export const reviewScope = computed(() => {
  const shown = payload.value;
  return shown && JSON.stringify([shown.run, shown.manifest.attempt]);
});

const wantedRanking: ReadonlySignal<WantedJob<LabelErrors> | null> = computed(() => {
  const [shown, at, where] = [payload.value, step.value, reviewScope.value];
  if (!shown || at === null || where === null || stepPosition.value + 1 < LEAST_EPOCHS) return null;
  return { key: JSON.stringify([where, at]), scope: where, fetch: (start) => fetchLabelErrors(shown.run, at, start) };
});

/** What is under way of the last epoch there was: while training goes on it is made to the end, else none ever would. */
let live: string | null = null;

function followRanking(): void {
  const wanted = wantedRanking.value;
  const state = follower.job.value?.state;
  const isLast = step.value === steps.value.at(-1)?.step;
  if (isLast && (state === 'queued' || state === 'running') && live === wanted?.scope) return;
  live = isLast ? (wanted?.scope ?? null) : null;
  untracked(() => follower.follow(wanted));
}

/** The last that was made of this run: of an earlier epoch while a newer one is under way. */
export const ranking: ReadonlySignal<LabelErrors | null> = computed(() => {
  const answer = follower.answer.value;
  return answer && answer.scope === wantedRanking.value?.scope ? answer.value : null;
});

/** Where each sample stands in the ranking; -1 where it is not in it. */
export const rankingPlaces: ReadonlySignal<Int32Array> = computed(() => {
  const found = new Int32Array(payload.value?.manifest.n_samples ?? 0).fill(-1);
  ranking.value?.index.forEach((index, at) => (found[index] = at));
  return found;
});

/** `3>5`: given and suggested class; empty: all. */
export const pairFilter = linkedText('review.pair');
export const reasonFilter = linkedText('review.reason');
export const undecidedOnly = signal(false);

export interface ClassPair {
  readonly given: number;
  readonly suggested: number;
  readonly count: number;
}

const labels: ReadonlySignal<ArrayLike<number> | null> = computed(() => column('label').data.value?.values ?? null);

/** Places in the ranking that the shown splits leave. */
const inSplits: ReadonlySignal<readonly number[]> = computed(() => {
  const mask = shownMask.value;
  return Array.from(ranking.value?.index ?? [], (index, at) => (mask[index] ? at : -1)).filter((at) => at >= 0);
});

/** The pairs that occur in the shown splits, the most frequent first. */
export const classPairs: ReadonlySignal<readonly ClassPair[]> = computed(() => {
  const counts = new Map<string, number>();
  for (const at of inSplits.value) counts.set(pairAt(at), (counts.get(pairAt(at)) ?? 0) + 1);
  const pairs = [...counts].map(([pair, count]) => {
    const [given = -1, suggested = -1] = pair.split('>').map(Number);
    return { given, suggested, count };
  });
  return pairs.sort((a, b) => b.count - a.count || a.given - b.given || a.suggested - b.suggested);
});

export const reasonCounts: ReadonlySignal<Readonly<Record<Reason, number>>> = computed(() => {
  const counts = { nothing: 0, mislabelled: 0, hard: 0 };
  for (const at of inSplits.value) counts[ranking.value?.reasons[at] ?? 'nothing']++;
  return counts;
});

function pairAt(at: number): string {
  const found = ranking.value;
  return `${labels.value?.[found?.index[at] ?? -1] ?? -1}>${found?.suggested[at] ?? -1}`;
}

/** Places in the ranking that pair, reason and splits leave: what there is to review. */
export const reviewed: ReadonlySignal<readonly number[]> = computed(() => {
  const [pair, reason] = [pairFilter.value, reasonFilter.value];
  return inSplits.value.filter((at) => (pair === '' || pairAt(at) === pair) && (reason === '' || ranking.value?.reasons[at] === reason));
});

export const decidedCount: ReadonlySignal<number> = computed(() => {
  const all = verdicts.value;
  return reviewed.value.reduce((sum, at) => sum + Number(all.has(sampleAt(at))), 0);
});

/** The same without those that have a verdict, where that is wanted. */
export const queue: ReadonlySignal<readonly number[]> = computed(() => {
  if (!undecidedOnly.value) return reviewed.value;
  const all = verdicts.value;
  return reviewed.value.filter((at) => !all.has(sampleAt(at)));
});

export function sampleAt(at: number): number {
  return ranking.value?.index[at] ?? -1;
}

/** Where the focused sample stands in the ranking, or -1. */
export const rankingPlace: ReadonlySignal<number> = computed(() => rankingPlaces.value[focused.value ?? -1] ?? -1);

/** Where the review was last in the ranking: from there it goes on when the focused sample is not in it. */
let last: { scope: string | null; place: number } = { scope: null, place: -1 };
const lastPlace = (): number => (last.scope === reviewScope.peek() ? last.place : -1);
/** The class that the user has chosen for a sample. */
const choice = signal<{ index: number; to: number } | null>(null);

/** The class that `relabel` would give the focused sample; -1 where none is known. */
export const relabelTarget: ReadonlySignal<number> = computed(() => {
  const index = focused.value;
  if (index === null) return -1;
  if (choice.value?.index === index) return choice.value.to;
  const before = verdicts.value.get(index);
  return before?.word === 'relabel' ? before.to : suggestedClass.value;
});

/** What the ranking suggests for the focused sample, or the class that the model puts above its label. */
export const suggestedClass: ReadonlySignal<number> = computed(() => {
  const [index, at] = [focused.value, rankingPlace.value];
  if (index === null) return -1;
  const label = labels.value?.[index] ?? -1;
  const suggested = at < 0 ? -1 : (ranking.value?.suggested[at] ?? -1);
  if (suggested >= 0 && suggested !== label) return suggested;
  const sample = inspectedSample.data.value;
  if (sample?.sample_index !== index) return -1;
  return [...sample.scoreClasses].find((of) => of !== label) ?? -1;
});

export function chooseTarget(to: number): void {
  if (focused.peek() !== null) choice.value = { index: focused.peek()!, to };
}

/** Gives the focused sample a verdict and goes on to the next that has none. */
export function decide(word: VerdictWord): void {
  const index = focused.peek();
  const to = word === 'relabel' ? relabelTarget.peek() : suggestedClass.peek();
  if (index === null || to < 0 || (labels.peek()?.[index] ?? -1) < 0) return;
  const at = rankingPlace.peek();
  const verdict: Verdict = { word, to, score: at < 0 ? NaN : (ranking.peek()?.score[at] ?? NaN) };
  const next = nextUndecided(index, at);
  judge(new Map([[index, verdict]]));
  if (next !== null) focusSample(next);
}

/** The next sample without a verdict, from the queue's start again after its end. */
function nextUndecided(index: number, at: number): number | null {
  const from = at < 0 ? lastPlace() : at;
  const open = reviewed.peek().filter((place) => sampleAt(place) !== index && !verdicts.peek().has(sampleAt(place)));
  const next = open.find((place) => place > from) ?? open[0];
  return next === undefined ? null : sampleAt(next);
}

/** Moves the focus along the queue without a verdict. */
export function moveInQueue(by: 1 | -1): void {
  const next = besidePlace(queue.peek(), rankingPlace.peek() < 0 ? lastPlace() : rankingPlace.peek(), by);
  if (next !== undefined) focusSample(sampleAt(next));
}

function besidePlace(places: readonly number[], from: number, by: 1 | -1): number | undefined {
  return by > 0 ? places.find((place) => place > from) : places.findLast((place) => place < from);
}

/** Takes the last verdict back and shows its sample. */
export function undoDecision(): boolean {
  if (!canUndoVerdict.peek()) return false;
  const index = undoVerdict();
  if (index !== null && index < (payload.peek()?.manifest.n_samples ?? 0)) focusSample(index);
  return true;
}

/** What is likely looked at next: those that follow, the next without a verdict, and the one before. */
export const reviewAhead: ReadonlySignal<readonly number[]> = computed(() => {
  const [places, at, index] = [queue.value, rankingPlace.value, focused.value];
  if (index === null) return [];
  const start = places.findIndex((place) => place > at);
  const following = start < 0 ? [] : places.slice(start, start + AHEAD).map(sampleAt);
  const next = nextUndecided(index, at);
  const before = besidePlace(places, at, -1);
  const all = [...(next === null ? [] : [next]), ...following, ...(before === undefined ? [] : [sampleAt(before)])];
  void verdicts.value;
  return [...new Set(all)];
});

/** Follows the ranking and reads ahead until the returned function is called. */
export function startReview(): () => void {
  let entered = false;
  const stops = [
    effect(followRanking),
    effect(() => {
      const at = rankingPlace.value;
      if (at >= 0) last = { scope: reviewScope.peek(), place: at };
    }),
    effect(() => void (readAhead.value = reviewAhead.value)),
    effect(() => {
      if (!ranking.value || !labels.value || (entered && focused.value !== null)) return;
      entered = true;
      untracked(() => {
        if (rankingPlace.peek() < 0) focusSample(nextUndecided(-1, -1) ?? focused.peek());
      });
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    readAhead.value = null;
    follower.leave(); // it is kept, and the column label_error needs it too
  };
}
