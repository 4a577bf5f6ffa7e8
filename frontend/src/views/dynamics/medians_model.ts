/** How the charts of the medians are chosen, ordered and laid out. */

import { type Trajectory } from '../../api';
import { type Medians } from '../../store';
import { csv } from '../../csv';

export interface Group extends Trajectory {
  name: string;
  /** A class, or null. */
  classIndex: number | null;
}

export function groupsOf({ by, groups }: Medians, classNames: readonly string[]): Group[] {
  return groups.map((entry) => {
    const classIndex = (by === 'label' || by === 'prediction') && typeof entry.group === 'number' ? entry.group : null;
    const name = classIndex !== null ? (classNames[classIndex] ?? `class ${classIndex}`) : by === 'all' ? 'all samples' : String(entry.group);
    return { ...entry, name, classIndex };
  });
}

/** Those whose name holds `search`; with `at` those with the highest (or lowest) median at that epoch first. */
export function listed(groups: readonly Group[], search: string, at: number | null, lowestFirst: boolean): Group[] {
  const needle = search.trim().toLowerCase();
  const found = groups.filter(({ name }) => name.toLowerCase().includes(needle));
  if (at === null) return found;
  const sign = lowestFirst ? 1 : -1;
  const value = ({ median }: Group): number => (Number.isFinite(median[at]) ? sign * median[at]! : Infinity);
  return found.map((group) => ({ group, value: value(group) })).sort((a, b) => (a.value === b.value ? 0 : a.value - b.value)).map(({ group }) => group);
}

/** Both ends of what all charts share: every band is within, and 0. */
export function sharedLimits(groups: readonly Group[]): [number, number] {
  let [low, high] = [0, 0];
  for (const { q10, q90 } of groups) {
    for (const value of q10) if (value < low && Number.isFinite(value)) low = value;
    for (const value of q90) if (value > high && Number.isFinite(value)) high = value;
  }
  return high > low ? [low, high] : [0, 1];
}

export interface Grid {
  across: number;
  width: number;
  /** Of one chart, without its head. */
  height: number;
}

export const HEAD = 20;
export const GAP = 12;
const [LEAST, TALLEST, LEAST_WIDTH] = [76, 280, 168];

/** All charts where they fit, otherwise low ones in a list that scrolls. */
export function gridOf(count: number, width: number, height: number): Grid {
  const across = Math.max(1, Math.min(count > 3 ? Math.floor((width + GAP) / (LEAST_WIDTH + GAP)) : 1, 3));
  const rows = Math.ceil(count / across);
  const room = Math.floor((height + GAP) / Math.max(1, rows)) - GAP - HEAD;
  return {
    across,
    width: Math.floor((width - GAP * (across - 1)) / across),
    height: Math.max(LEAST, Math.min(TALLEST, room)),
  };
}

export function mediansCsv({ of, steps, by }: Medians, groups: readonly Group[]): string {
  const rows = groups.flatMap(({ name, count, median, q10, q25, q75, q90 }) =>
    Array.from(steps, (step, t) => [name, count, step, median[t]!, q10[t]!, q25[t]!, q75[t]!, q90[t]!]),
  );
  return csv([[by, 'n', 'epoch', `${of}_median`, 'q10', 'q25', 'q75', 'q90'], ...rows]);
}
