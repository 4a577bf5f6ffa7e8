/** Where the bands between two epochs' predictions lie. */

import { type Kind } from '../../store';
import { type Flow } from './change_model';

/** All flows from one class to another that are of one kind, of whatever label. */
export interface Band {
  readonly before: number;
  readonly after: number;
  readonly kind: Kind;
  readonly count: number;
  /** Upper ends at the left and the right; the height is the same. */
  readonly y0: number;
  readonly y1: number;
  readonly height: number;
}

/** A class at one side. */
export interface Stack {
  readonly index: number;
  readonly count: number;
  readonly y: number;
  readonly height: number;
}

export interface Bands {
  readonly bands: readonly Band[];
  readonly before: readonly Stack[];
  readonly after: readonly Stack[];
  /** Samples in flows that found no room. */
  readonly undrawn: number;
}

const ORDER: readonly Kind[] = ['gained', 'lost', 'other'];
/** Of a class at a side, so that its name has room. */
const LEAST = 16;
const GAP = 4;

/** The classes in `order` from above; where not all find room, those with most traffic. */
export function bandsOf(flows: readonly Flow[], order: ArrayLike<number>, height: number): Bands {
  const joined = join(flows);
  const most = Math.max(1, Math.floor(height / (LEAST + GAP)));
  const drawn = fitting(joined, most);
  const undrawn = joined.reduce((sum, { count }) => sum + count, 0) - drawn.reduce((sum, { count }) => sum + count, 0);
  const rank = new Map(Array.from(order, (index, at) => [index, at]));
  const classes = (side: 'before' | 'after'): number[] =>
    [...new Set(drawn.map((band) => band[side]))].sort((a, b) => (rank.get(a) ?? -1) - (rank.get(b) ?? -1));
  const sides = { before: classes('before'), after: classes('after') };
  const unit = Math.min(...(['before', 'after'] as const).map((side) => unitOf(sides[side].map((index) => traffic(drawn, side, index)), height)));
  const before = stack(drawn, 'before', sides.before, unit, height);
  const after = stack(drawn, 'after', sides.after, unit, height);
  const ends = { before: new Map<Joined, number>(), after: new Map<Joined, number>() };
  for (const [side, stacks, other] of [['before', before, 'after'], ['after', after, 'before']] as const) {
    for (const { index, y, height: room, count } of stacks) {
      let at = y + (room - unit * count) / 2;
      const own = drawn.filter((band) => band[side] === index);
      own.sort((a, b) => (rank.get(a[other]) ?? -1) - (rank.get(b[other]) ?? -1) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
      for (const band of own) {
        ends[side].set(band, at);
        at += unit * band.count;
      }
    }
  }
  const bands = drawn.map((band) => ({ ...band, y0: ends.before.get(band)!, y1: ends.after.get(band)!, height: unit * band.count }));
  return { bands, before, after, undrawn };
}

interface Joined {
  before: number;
  after: number;
  kind: Kind;
  count: number;
}

function join(flows: readonly Flow[]): Joined[] {
  const joined = new Map<string, Joined>();
  for (const { before, after, kind, count } of flows) {
    const key = `${before} ${after} ${kind}`;
    const band = joined.get(key);
    if (band) band.count += count;
    else joined.set(key, { before, after, kind, count });
  }
  return [...joined.values()].sort((a, b) => b.count - a.count || a.before - b.before || a.after - b.after);
}

/** The largest bands whose classes are no more than `most` at either side. */
function fitting(bands: readonly Joined[], most: number): Joined[] {
  const [before, after] = [new Set<number>(), new Set<number>()];
  return bands.filter((band) => {
    const fits = (side: Set<number>, index: number): boolean => side.has(index) || side.size < most;
    if (!fits(before, band.before) || !fits(after, band.after)) return false;
    before.add(band.before);
    after.add(band.after);
    return true;
  });
}

const traffic = (bands: readonly Joined[], side: 'before' | 'after', index: number): number =>
  bands.reduce((sum, band) => sum + (band[side] === index ? band.count : 0), 0);

/** Pixels a sample, so that all classes have their least height. */
function unitOf(counts: readonly number[], height: number): number {
  let free = height - GAP * (counts.length - 1);
  let open = [...counts];
  for (;;) {
    const unit = free / Math.max(1, open.reduce((sum, count) => sum + count, 0));
    const small = open.filter((count) => unit * count < LEAST);
    if (small.length === 0 || small.length === open.length) return Math.max(0, unit);
    free -= LEAST * small.length;
    open = open.filter((count) => unit * count >= LEAST);
  }
}

function stack(bands: readonly Joined[], side: 'before' | 'after', classes: readonly number[], unit: number, height: number): Stack[] {
  const counts = classes.map((index) => traffic(bands, side, index));
  const heights = counts.map((count) => Math.max(LEAST, unit * count));
  const used = heights.reduce((sum, room) => sum + room, 0);
  const gap = classes.length > 1 ? Math.min(24, (height - used) / (classes.length - 1)) : 0;
  let y = 0;
  return classes.map((index, k) => {
    const placed = { index, count: counts[k]!, y, height: heights[k]! };
    y += heights[k]! + gap;
    return placed;
  });
}
