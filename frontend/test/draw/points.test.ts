import { describe, expect, it } from 'vitest';
import {
  HIDDEN,
  SELECTED,
  WRONG,
  drawOrder,
  pointStyle,
  shownMarks,
  shuffled,
} from '../../src/draw/points';

describe('the draw order', () => {
  it('is a permutation that depends on the seed alone', () => {
    const order = shuffled(1000, 7);
    expect(order).toEqual(shuffled(1000, 7));
    expect(order).not.toEqual(shuffled(1000, 8));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(shuffled(0, 1).length).toBe(0);
  });

  it('mixes the classes of a sorted set', () => {
    const firstHalf = [...shuffled(1000, 0)].slice(0, 500).filter((i) => i < 500).length;
    expect(firstHalf).toBeGreaterThan(200);
    expect(firstHalf).toBeLessThan(300);
  });

  it('puts selected, then wrong points last, and leaves hidden ones out', () => {
    const flags = Uint8Array.of(WRONG, 0, 0, SELECTED, HIDDEN | WRONG, 0, SELECTED | WRONG);
    const order = drawOrder(Uint32Array.of(6, 5, 4, 3, 2, 1, 0), flags);
    expect([...order]).toEqual([5, 2, 1, 3, 6, 0]);
  });
});

describe('the style of points', () => {
  it.each([
    [1, 8, 0.9],
    [500, 8, 0.9],
    [2_000, 6, 0.85],
    [10_000, 4, 0.7],
    [100_000, 2.5, 0.45],
    [1_000_000, 1.5, 0.2],
    [5_000_000, 1.5, 0.2],
  ])('%i points are %f px wide at opacity %f', (count, diameter, opacity) => {
    expect(pointStyle(count).diameter).toBeCloseTo(diameter);
    expect(pointStyle(count).opacity).toBeCloseTo(opacity);
  });

  it('grows with the root of the zoom, up to three times', () => {
    expect(pointStyle(2000, 4).diameter).toBeCloseTo(12);
    expect(pointStyle(2000, 100).diameter).toBeCloseTo(18);
  });
});

describe('the marks', () => {
  it('ring wrong points only where these are large enough to keep their colour in sight', () => {
    expect(shownMarks(pointStyle(10_000))).toBe(WRONG | SELECTED);
    expect(shownMarks(pointStyle(60_000))).toBe(SELECTED);
    expect(shownMarks(pointStyle(60_000, 4))).toBe(WRONG | SELECTED);
  });
});
