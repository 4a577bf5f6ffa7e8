/** What stays as it is while the epochs of a confusion matrix are scrubbed. */

import { signal } from '@preact/signals';
import { type Asked, type Confusion, fetchConfusion } from '../api';
import { payload, steps } from './state';

/** Greatest value beside the diagonal over the epochs met so far. */
export interface Highest {
  counts: number;
  row: number;
  column: number;
}

interface Common {
  /** The matrix of the newest epoch there was: its order of the classes is that of all. */
  newest: Promise<Confusion>;
  highest: Highest;
}

const commons = new Map<string, Common>();
const MOST_KEPT = 20;
/** Grows with every matrix that raises a scale. */
const raised = signal(0);

const keyOf = (splits: readonly string[]): string => JSON.stringify([payload.peek()?.run, payload.peek()?.manifest.attempt, splits]);

/** A matrix whose classes have the order that the newest epoch's have. */
export async function comparable(asked: Asked): Promise<Confusion> {
  const key = keyOf(asked.splits);
  let common = commons.get(key);
  if (!common) {
    const last = steps.peek().at(-1)?.step ?? asked.step;
    common = { newest: fetchConfusion({ ...asked, step: last }), highest: { counts: 0, row: 0, column: 0 } };
    commons.set(key, common);
    common.newest.catch(() => commons.delete(key));
    for (const oldest of commons.keys()) if (commons.size > MOST_KEPT) commons.delete(oldest);
  }
  const newest = await common.newest;
  const found = newest.step === asked.step ? newest : await fetchConfusion(asked);
  raise(common.highest, newest);
  raise(common.highest, found);
  return { ...found, order: newest.order };
}

function raise(highest: Highest, found: Confusion): void {
  const size = found.support.length;
  const before = JSON.stringify(highest);
  for (let label = 0; label < size; label++) {
    for (let prediction = 0; prediction < size; prediction++) {
      const count = label === prediction ? 0 : found.matrix[label * size + prediction]!;
      if (count === 0) continue;
      highest.counts = Math.max(highest.counts, count);
      highest.row = Math.max(highest.row, count / Math.max(1, found.support[label]!));
      highest.column = Math.max(highest.column, count / Math.max(1, found.predicted[prediction]!));
    }
  }
  if (JSON.stringify(highest) !== before) raised.value++;
}

/** The ends of the scales that hold for all epochs of these splits. */
export function commonHighest(splits: readonly string[]): Highest | null {
  void raised.value;
  const highest = commons.get(keyOf(splits))?.highest;
  return highest ? { ...highest } : null;
}
