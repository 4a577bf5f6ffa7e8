/** Names of what the review shows. */

import { type Reason } from '../../../api';
import { type IconName } from '../../../elements/icon';
import { type VerdictWord, payload } from '../../../store';

export const REASON_WORDS: Readonly<Record<Reason, string>> = {
  nothing: 'Nothing speaks against it',
  mislabelled: 'Mislabelled',
  hard: 'Merely hard',
};

/** What is meant by them. */
export const REASON_DEFINITIONS: Readonly<Record<Reason, string>> = {
  nothing: '',
  mislabelled: 'No likeness of the two classes explains this label: the probability that it is wrong is above a half',
  hard: 'The evidence prefers another class, but other samples look like this one and bear such a label rightly',
};

export const VERDICT_LOOKS: Readonly<Record<VerdictWord, { icon: IconName; word: string }>> = {
  keep: { icon: 'check', word: 'keep' },
  relabel: { icon: 'edit', word: 'relabel' },
  ambiguous: { icon: 'question', word: 'ambiguous' },
};

export function className(index: number): string {
  return payload.value?.manifest.class_names[index] ?? 'unknown';
}
