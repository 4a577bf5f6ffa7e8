import { describe, expect, it } from 'vitest';
import { boxOf, enclosed } from '../../src/draw/lasso';
import { HIDDEN, type Points } from '../../src/draw/points';
import { type Viewport, toScreen } from '../../src/draw/viewport';

const VIEWPORT: Viewport = { x: 1, y: -2, scale: 20, width: 200, height: 100 };

function points(from: number[], to = from, t = 1, flags = from.slice(from.length / 2).map(() => 0)): Points {
  const count = to.length / 2;
  return {
    count, t,
    from: Float32Array.from(from),
    to: Float32Array.from(to),
    colours: new Uint8Array(4 * count),
    flags: Uint8Array.from(flags),
    order: Uint32Array.from({ length: count }, (_, i) => i),
  };
}

const members = (mask: Uint8Array): number[] => [...mask].flatMap((value, i) => (value ? [i] : []));

describe('a lasso', () => {
  it('holds the points whose centres it encloses, where they are drawn', () => {
    const [cx, cy] = toScreen(VIEWPORT, 3, -1);
    const box = boxOf(cx - 5, cy - 5, cx + 5, cy + 5);
    expect(members(enclosed(points([3, -1, 3.2, -1, 3.3, -1, 3, -1.2, 3, -1.3]), VIEWPORT, box))).toEqual([0, 1, 3]);
  });

  it('is drawn in any direction', () => {
    const some = points([1, -2, 9, 9]);
    expect(members(enclosed(some, VIEWPORT, boxOf(110, 60, 90, 40)))).toEqual([0]);
    expect(members(enclosed(some, VIEWPORT, boxOf(90, 40, 110, 60)))).toEqual([0]);
  });

  it('agrees with the winding of a concave and crossing line', () => {
    const star: number[] = [];
    for (let k = 0; k < 5; k++) star.push(100 + 45 * Math.sin((4 * Math.PI * k) / 5), 50 - 45 * Math.cos((4 * Math.PI * k) / 5));
    const coordinates: number[] = [];
    for (let k = 0; k < 4000; k++) coordinates.push(-4 + 10 * (((k * 7919) % 4000) / 4000), -4.5 + 5 * (((k * 104729) % 4001) / 4001));
    const mask = enclosed(points(coordinates), VIEWPORT, star);
    const crossings = (x: number, y: number): number => {
      let count = 0;
      for (let k = 0; k < 10; k += 2) {
        const [x0, y0, x1, y1] = [star[k]!, star[k + 1]!, star[(k + 2) % 10]!, star[(k + 3) % 10]!];
        if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) count++;
      }
      return count;
    };
    const wanted = Array.from(mask, (_, i) => {
      const [px, py] = toScreen(VIEWPORT, Math.fround(coordinates[2 * i]!), Math.fround(coordinates[2 * i + 1]!));
      return crossings(px, py) % 2;
    });
    expect([...mask]).toEqual(wanted);
    expect(members(mask).length).toBeGreaterThan(100);
    const [centre] = enclosed(points([1, -2]), VIEWPORT, star);
    expect(centre).toBe(0);
  });

  it('leaves out what is hidden or nowhere, and takes points under way where they are', () => {
    const all = boxOf(0, 0, 200, 100);
    expect(members(enclosed(points([1, -2, 1, -2], undefined, 1, [HIDDEN, 0]), VIEWPORT, all))).toEqual([1]);
    expect(members(enclosed(points([NaN, -2, 1, -2]), VIEWPORT, all))).toEqual([1]);
    const half = points([1, -2], [3, -2], 0.5);
    expect(members(enclosed(half, VIEWPORT, boxOf(115, 45, 125, 55)))).toEqual([0]);
    expect(members(enclosed(half, VIEWPORT, boxOf(95, 45, 105, 55)))).toEqual([]);
  });

  it('of fewer than three corners holds nothing', () => {
    const some = points([1, -2]);
    expect(members(enclosed(some, VIEWPORT, []))).toEqual([]);
    expect(members(enclosed(some, VIEWPORT, [100, 50, 100, 50]))).toEqual([]);
  });
});
