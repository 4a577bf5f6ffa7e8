import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MOST_POOLED,
  SampleSet,
  addToPool,
  clearPool,
  focused,
  pinnedInPool,
  poolDrawer,
  pooled,
  removeFromPool,
  removedFromPool,
  removedLast,
  loadRun,
  selectPool,
  selected,
  setPoolDrawer,
  togglePin,
  undoPool,
} from '../../src/store';
import { startPool } from '../../src/store/pool';
import { attempt, openRun, serveEachTest, serveRun, stops } from './served';

/** The browser's storage, as far as the page uses it. */
class Kept {
  private readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

serveEachTest();
let kept: Kept;
beforeEach(async () => {
  kept = new Kept();
  Object.assign(globalThis, { localStorage: kept });
  await open(6);
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'localStorage');
  selected.value = SampleSet.EMPTY;
});

/** The golden run with a probe set of its own, of `samples` samples. */
async function open(samples: number, probe = attempt()): Promise<void> {
  await openRun(1);
  serveRun(({ manifest }) => {
    manifest.probe = probe;
    manifest.n_samples = samples;
  });
  await loadRun();
}

describe('the image pool', () => {
  it('has the newest first, and each sample once', () => {
    addToPool([1, 2]);
    addToPool([5]);
    expect(pooled.value).toEqual([5, 1, 2]);
    addToPool(new Int32Array([2, 2, 0]));
    expect(pooled.value).toEqual([2, 0, 5, 1]);
    addToPool([6, -1, 1.5]);
    expect(pooled.value).toEqual([2, 0, 5, 1]);
  });

  it('never opens by itself', () => {
    expect(poolDrawer.value.open).toBe(false);
    addToPool([0, 1, 2, 3]);
    expect(poolDrawer.value.open).toBe(false);
  });

  it('keeps the pinned ones in front, and at a clearing', () => {
    addToPool([0, 1, 2]);
    togglePin(1);
    addToPool([4, 1]);
    expect(pooled.value).toEqual([1, 4, 0, 2]);
    clearPool();
    expect(pooled.value).toEqual([1]);
    clearPool();
    expect(pooled.value).toEqual([]);
  });

  it('brings back what was removed, in its place, with what came since in front', () => {
    addToPool([0, 1, 2, 3]);
    togglePin(3);
    removeFromPool(1);
    expect([removedFromPool.value, ...pooled.value]).toEqual([1, 3, 0, 2]);
    undoPool();
    expect(pooled.value).toEqual([3, 0, 1, 2]);
    clearPool();
    addToPool([5]);
    undoPool();
    expect(pooled.value).toEqual([3, 5, 0, 1, 2]);
    expect([...pinnedInPool.value]).toEqual([3]);
    expect(removedFromPool.value).toBe(0);
    undoPool();
    expect(pooled.value).toHaveLength(5);
  });

  it('is undone before an older selection, and after a newer one', () => {
    addToPool([0, 1]);
    clearPool();
    expect(removedLast()).toBe(true);
    selected.value = SampleSet.of([2], 6);
    expect(removedLast()).toBe(false);
  });

  it('becomes the selected set', () => {
    addToPool([4, 0]);
    selectPool();
    expect([...selected.value.indices()]).toEqual([0, 4]);
  });

  it('holds no more than it says, the oldest leave', async () => {
    await open(MOST_POOLED + 5, `${attempt()} large`);
    addToPool([MOST_POOLED + 4]);
    addToPool(Array.from({ length: MOST_POOLED }, (_, index) => index));
    expect(pooled.value).toHaveLength(MOST_POOLED);
    expect(pooled.value).not.toContain(MOST_POOLED + 4);
  });

  it('belongs to a probe set and outlives a reload; what is stored but not valid is left out', async () => {
    addToPool([2, 5]);
    const probe = attempt();
    const stored = kept.getItem(`cnnvis.pool.${probe}`);
    expect(JSON.parse(stored ?? '')).toEqual({ pinned: [], others: [2, 5] });
    kept.setItem(`cnnvis.pool.${probe} b`, '{"pinned": [3, "x", 99], "others": [3, 1, 1, null, -2]}');
    await open(6, `${probe} b`);
    expect(pooled.value).toEqual([3, 1]);
    kept.setItem(`cnnvis.pool.${probe} c`, 'no JSON');
    await open(6, `${probe} c`);
    expect(pooled.value).toEqual([]);
    await open(6, probe);
    expect(pooled.value).toEqual([2, 5]);
  });

  it('takes what is focused by a click, while it is told to, and nothing else', () => {
    const page = new EventTarget();
    class Part {
      constructor(private readonly outside: boolean) {}
      closest(): unknown {
        return this.outside ? null : this;
      }
    }
    Object.assign(globalThis, { Element: Part, addEventListener: page.addEventListener.bind(page), removeEventListener: page.removeEventListener.bind(page) });
    const press = (part: Part): void => {
      const event = new Event('pointerdown');
      Object.defineProperty(event, 'target', { value: part });
      page.dispatchEvent(event);
    };
    stops.push(startPool());
    press(new Part(true));
    focused.value = 1;
    expect(pooled.value).toEqual([]);
    setPoolDrawer({ byClick: true });
    press(new Part(true));
    focused.value = 2;
    focused.value = 3;
    expect(pooled.value).toEqual([3, 2]);
    page.dispatchEvent(new Event('keydown'));
    focused.value = 4;
    press(new Part(false));
    focused.value = 5;
    expect(pooled.value).toEqual([3, 2]);
    setPoolDrawer({ byClick: false });
  });

  it('remembers how its drawer stands', () => {
    setPoolDrawer({ open: true, height: 240, shown: 100 });
    expect(JSON.parse(kept.getItem('cnnvis.drawer') ?? '')).toMatchObject({ open: true, height: 240, shown: 100 });
    setPoolDrawer({ open: false });
  });
});
