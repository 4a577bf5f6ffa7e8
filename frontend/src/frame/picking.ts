/** Finding one sample among many. */

import { shuffled } from '../draw/points';

/** Of a split's samples (from `start`, `count` of them) the one at that place in the user's data. */
export function findSource(sources: ArrayLike<number>, { start, count }: { start: number; count: number }, wanted: number): number | null {
  for (let index = start; index < start + count; index++) if (sources[index] === wanted) return index;
  return null;
}

/** Shown samples of a class, ascending; of all classes where `label` is -1. */
export function membersOf(labels: ArrayLike<number>, label: number, shown: ArrayLike<number>): Int32Array {
  const found = new Int32Array(labels.length);
  let size = 0;
  for (let i = 0; i < labels.length; i++) if (shown[i] && (label < 0 || labels[i] === label)) found[size++] = i;
  return found.subarray(0, size);
}

/** The sample of a draw (counted from 0) without repeats, by seed; after the last sample it starts again. */
export function drawn(members: Int32Array, seed: number, draw: number): number | null {
  if (members.length === 0) return null;
  return members[shuffled(members.length, seed)[draw % members.length]!]!;
}
