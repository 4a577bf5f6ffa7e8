/** The image pool: samples set aside, newest first, kept in this browser by probe set. */

import { type ReadonlySignal, batch, computed, effect, signal, untracked } from '@preact/signals';
import { column } from './data';
import { SampleSet } from './sample_set';
import { focused, payload, selected } from './state';
import { readStored, watchStored, writeStored } from './storage';

/** What the pool holds at most: the oldest leave. */
export const MOST_POOLED = 10_000;
/** How many are shown: the choices. */
export const SHOWN_CHOICES = [15, 50, 100, 200, 500] as const;
/** As many of a cell of the matrix go into it. */
export const MOST_FILLED = 500;
export const CLOSED_HEIGHT = 36;
export const OPEN_HEIGHT = 184;

interface Pool {
  pinned: readonly number[];
  /** Newest first; no pinned one among them. */
  others: readonly number[];
}

interface Drawer {
  open: boolean;
  height: number;
  shown: number;
  byClick: boolean;
}

const EMPTY: Pool = { pinned: [], others: [] };
const DRAWER: Drawer = { open: false, height: OPEN_HEIGHT, shown: SHOWN_CHOICES[0], byClick: false };

const probe = computed(() => payload.value?.manifest.probe ?? null);
const storageKey = (of: string): string => `pool.${of}`;
const changes = signal(0);
/** Pools of this visit, by probe set: they hold even where the browser keeps nothing. */
const visited = new Map<string, Pool>();

const pool: ReadonlySignal<Pool> = computed(() => {
  void changes.value;
  const of = probe.value;
  if (of === null) return EMPTY;
  let known = visited.get(of);
  if (!known) {
    known = parsePool(readStored(storageKey(of)), payload.value?.manifest.n_samples ?? 0);
    visited.set(of, known);
  }
  return known;
});

/** The pinned ones, then the others, newest first. */
export const pooled: ReadonlySignal<readonly number[]> = computed(() => [...pool.value.pinned, ...pool.value.others]);
export const pinnedInPool: ReadonlySignal<ReadonlySet<number>> = computed(() => new Set(pool.value.pinned));

function parsePool(stored: unknown, samples: number): Pool {
  const { pinned, others } = (stored ?? {}) as Partial<Record<keyof Pool, unknown>>;
  const first = indices(pinned, samples, new Set());
  return { pinned: first, others: indices(others, samples, new Set(first)).slice(0, MOST_POOLED) };
}

/** Each valid sample once, those of `but` never. */
function indices(stored: unknown, samples: number, but: Set<number>): number[] {
  if (!Array.isArray(stored)) return [];
  return (stored as unknown[]).filter((index): index is number => {
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= samples || but.has(index)) return false;
    but.add(index);
    return true;
  });
}

function keep(next: Pool): void {
  const of = probe.peek();
  if (of === null) return;
  visited.set(of, next);
  writeStored(storageKey(of), next);
  changes.value++;
}

/**
 * Puts samples into the pool, the first of them in front; those that it has move there.
 *
 * It keeps `MOST_POOLED` at most, and never opens for it.
 */
export function addToPool(added: Iterable<number>): void {
  const { pinned, others } = pool.peek();
  const samples = payload.peek()?.manifest.n_samples ?? 0;
  const fresh = indices(Array.from(added), samples, new Set(pinned));
  const moved = new Set(fresh);
  const rest = others.filter((index) => !moved.has(index));
  keep({ pinned, others: [...fresh, ...rest].slice(0, MOST_POOLED) });
}

/** Puts the samples of `set` with the highest loss in front. */
export function fillPool(set: SampleSet): void {
  const losses = column('loss').data.peek()?.values ?? null;
  addToPool(byLoss(set.indices(), losses).slice(0, MOST_FILLED));
}

/** By falling loss; NaN last, ties in sample order. */
export function byLoss(indices: Int32Array, losses: ArrayLike<number> | null): Int32Array {
  if (!losses) return indices;
  const of = (index: number): number => {
    const loss = losses[index] ?? NaN;
    return Number.isNaN(loss) ? -Infinity : loss;
  };
  return indices.slice().sort((a, b) => (of(a) === of(b) ? a - b : of(b) > of(a) ? 1 : -1));
}

export function addFocusedToPool(): void {
  if (focused.peek() !== null) addToPool([focused.peek()!]);
}

export function togglePin(index: number): void {
  const { pinned, others } = pool.peek();
  if (pinned.includes(index)) keep({ pinned: pinned.filter((at) => at !== index), others: [index, ...others] });
  else keep({ pinned: [index, ...pinned], others: others.filter((at) => at !== index) });
}

interface Removal {
  before: Pool;
  of: string | null;
  count: number;
  /** What was selected then: a later selection is undone before this. */
  selection: SampleSet;
}

const removal = signal<Removal | null>(null);

/** How many samples an undo would bring back, 0 where there is nothing to undo. */
export const removedFromPool: ReadonlySignal<number> = computed(() =>
  removal.value?.of === probe.value ? (removal.value?.count ?? 0) : 0,
);

function remove(next: Pool): void {
  const before = pool.peek();
  const count = before.pinned.length + before.others.length - next.pinned.length - next.others.length;
  if (count === 0) return;
  removal.value = { before, of: probe.peek(), count, selection: selected.peek() };
  keep(next);
}

export function removeFromPool(index: number): void {
  const { pinned, others } = pool.peek();
  remove({ pinned: pinned.filter((at) => at !== index), others: others.filter((at) => at !== index) });
}

/** Removes all but the pinned ones, and those where there are no others. */
export function clearPool(): void {
  const { pinned, others } = pool.peek();
  remove(others.length > 0 ? { pinned, others: [] } : EMPTY);
}

/** Brings back what was removed last; what was added since stays in front. */
export function undoPool(): void {
  const { before } = removal.peek() ?? {};
  if (!before || removedFromPool.peek() === 0) return;
  const now = pool.peek();
  const had = new Set([...before.pinned, ...before.others]);
  const since = [...now.pinned, ...now.others].filter((index) => !had.has(index));
  batch(() => {
    removal.value = null;
    keep({ pinned: before.pinned, others: [...since, ...before.others].slice(0, MOST_POOLED) });
  });
}

/** True where a removal is the last thing that was done, rather than a selection. */
export function removedLast(): boolean {
  return removedFromPool.peek() > 0 && removal.peek()?.selection === selected.peek();
}

/** The samples of the pool become the selected set. */
export function selectPool(): void {
  selected.value = SampleSet.of(pooled.peek(), payload.peek()?.manifest.n_samples ?? 0);
}

function parseDrawer(stored: unknown): Drawer {
  const { open, height, shown, byClick } = (stored ?? {}) as Partial<Record<keyof Drawer, unknown>>;
  return {
    open: open === true,
    height: typeof height === 'number' && height >= CLOSED_HEIGHT ? height : DRAWER.height,
    shown: SHOWN_CHOICES.find((choice) => choice === shown) ?? DRAWER.shown,
    byClick: byClick === true,
  };
}

const drawerNow = signal<Drawer>(parseDrawer(readStored('drawer')));
export const poolDrawer: ReadonlySignal<Drawer> = drawerNow;

export function setPoolDrawer(change: Partial<Drawer>): void {
  drawerNow.value = { ...drawerNow.peek(), ...change };
  writeStored('drawer', drawerNow.peek());
}

export function togglePool(): void {
  setPoolDrawer({ open: !drawerNow.peek().open });
}

/** Parts of the page where a click on a sample is not one that sets it aside. */
const NOT_SETTING_ASIDE = '.pool, .bar, .inspector-head, .popover';

/** Adds what is focused by a click, while the drawer is told to; follows other tabs' pools. */
export function startPool(): () => void {
  let clicked = false;
  const press = (event: Event): void => {
    clicked = event.target instanceof Element && !event.target.closest(NOT_SETTING_ASIDE);
  };
  const key = (): void => void (clicked = false);
  addEventListener('pointerdown', press, true);
  addEventListener('keydown', key, true);
  const stops = [
    effect(() => {
      if (focused.value !== null && clicked && drawerNow.peek().byClick) untracked(addFocusedToPool);
    }),
    watchStored((name) => {
      const of = probe.peek();
      if (of === null || name !== storageKey(of)) return;
      visited.delete(of);
      changes.value++;
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    removeEventListener('pointerdown', press, true);
    removeEventListener('keydown', key, true);
  };
}
