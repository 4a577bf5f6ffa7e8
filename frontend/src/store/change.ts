/** What became of the predictions between another epoch and the shown one. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type ApiError } from '../api';
import { column, columnAt } from './data';
import { linkedText } from './link';
import { SampleSet } from './sample_set';
import { step, stepPosition, steps } from './state';

/** The epoch to compare with: empty is the one before the shown one, `first`, or its number. */
export const comparedWith = linkedText('change.from');

/** Null where the shown epoch is the first, and the one before it is meant. */
export const otherEpoch: ReadonlySignal<number | null> = computed(() => epochMeant(comparedWith.value));

/** The epoch that a choice of `EpochSelect` stands for. */
export function epochMeant(wanted: string): number | null {
  const list = steps.value;
  if (wanted === 'first') return list[0]?.step ?? null;
  const chosen = wanted === '' ? undefined : list.find((entry) => String(entry.step) === wanted);
  return (chosen ?? list[stepPosition.value - 1])?.step ?? null;
}

/** Right to wrong, wrong to right, from one wrong class to another. */
export type Kind = 'lost' | 'gained' | 'other';

/** A prediction that is missing is wrong. */
export function kindOf(label: number, before: number, after: number): Kind {
  return before === label ? 'lost' : after === label ? 'gained' : 'other';
}

/** Samples whose prediction changed; null stands for any. */
export interface Change {
  readonly label: number | null;
  readonly before: number | null;
  readonly after: number | null;
  readonly kind: Kind | null;
}

/** Labelled samples of the shown splits whose prediction changed in one of these ways. */
export function membersOfChanges(changes: readonly Change[], pair: Omit<Pair, 'from' | 'to'>, shown: Uint8Array): SampleSet {
  const { labels, before, after } = pair;
  const mask = new Uint8Array(shown.length);
  const meets = (wanted: number | null, value: number): boolean => wanted === null || wanted === value;
  for (let i = 0; i < mask.length; i++) {
    const [label, was, is] = [labels[i]!, before[i]!, after[i]!];
    if (!shown[i] || label < 0 || was === is) continue;
    const found = changes.some((change) =>
      meets(change.label, label) && meets(change.before, was) && meets(change.after, is)
      && (change.kind === null || change.kind === kindOf(label, was, is)));
    if (found) mask[i] = 1;
  }
  return SampleSet.fromMask(mask);
}

/** Labels, and predictions at two epochs, by sample. */
export interface Pair {
  readonly labels: ArrayLike<number>;
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

const labels = column('label');
const after = column('prediction');
const before = columnAt('prediction', otherEpoch);

/** Null while one of the two is on its way. */
export const changedPair: ReadonlySignal<Pair | null> = computed(() => {
  const [own, was, is] = [labels.data.value, before.data.value, after.data.value];
  if (!own || !was || !is || was.step !== otherEpoch.value || is.step !== step.value) return null;
  return { labels: own.values, before: was.values, after: is.values, from: was.step, to: is.step };
});

export const changedError: ReadonlySignal<ApiError | null> = computed(
  () => labels.error.value ?? before.error.value ?? after.error.value,
);

export function retryChanged(): void {
  for (const part of [labels, before, after]) if (part.error.peek()) part.retry();
}
