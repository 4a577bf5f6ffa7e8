import { describe, expect, it } from 'vitest';
import { pick } from '../../src/draw/picking';
import { HIDDEN, type Points } from '../../src/draw/points';
import {
  countNonFinite,
  cubicOut,
  positionsAt,
  progress,
  retarget,
  still,
} from '../../src/draw/tween';
import { fitViewport, toScreen } from '../../src/draw/viewport';

const A = Float32Array.of(0, 0, 1, 0);
const B = Float32Array.of(4, 0, 1, 8);

describe('a movement', () => {
  it('eases out from one layout to the other', () => {
    const tween = retarget(still(A), B, 1000, 400);
    expect(positionsAt(tween, 1000)).toEqual(A);
    expect(positionsAt(tween, 1200)[0]).toBeCloseTo(4 * cubicOut(0.5));
    expect(positionsAt(tween, 1400)).toBe(B);
    expect(progress(tween, 99_999)).toBe(1);
  });

  it('goes on from where the points are when it is interrupted', () => {
    const first = retarget(still(A), B, 0, 400);
    const halfway = positionsAt(first, 130);
    const second = retarget(first, A, 130, 400);
    expect(positionsAt(second, 130)).toEqual(halfway);
    expect(positionsAt(second, 530)).toBe(A);
    const third = retarget(second, B, 130, 400);
    expect(positionsAt(third, 130)).toEqual(halfway);
  });

  it('cuts without a duration and between layouts of different lengths', () => {
    expect(positionsAt(retarget(still(A), B, 0, 0), 0)).toBe(B);
    const other = Float32Array.of(1, 2);
    expect(positionsAt(retarget(still(A), other, 0, 400), 0)).toBe(other);
  });

  it('lets a point that was nowhere appear at its goal', () => {
    const tween = retarget(still(Float32Array.of(NaN, 0, 1, 0)), B, 0, 400);
    expect([...positionsAt(tween, 0)]).toEqual([4, 0, 1, 0]);
  });

  it('counts points without finite coordinates', () => {
    expect(countNonFinite(Float32Array.of(0, NaN, Infinity, 1, 2, 3))).toBe(2);
  });
});

describe('picking', () => {
  const viewport = fitViewport([0, 8, 0, 8], 232, 232);
  const points = (flags: Uint8Array, t = 1): Points => ({
    count: 2,
    from: A,
    to: B,
    t,
    colours: new Uint8Array(8),
    flags,
    order: Uint32Array.of(0, 1),
  });

  it('finds the nearest point within the radius where it is drawn now', () => {
    const shown = new Uint8Array(2);
    const [x, y] = toScreen(viewport, 2, 0);
    expect(pick(points(shown, 0.5), viewport, x + 3, y, 8)).toBe(0);
    expect(pick(points(shown, 1), viewport, x + 3, y, 8)).toBeNull();
    const [, far] = toScreen(viewport, 1, 8);
    expect(pick(points(shown), viewport, toScreen(viewport, 1, 8)[0], far, 8)).toBe(1);
  });

  it('passes over hidden points and points without a place', () => {
    const [x, y] = toScreen(viewport, 4, 0);
    expect(pick(points(Uint8Array.of(HIDDEN, 0)), viewport, x, y, 8)).toBeNull();
    const lost = { ...points(new Uint8Array(2)), to: Float32Array.of(NaN, 0, 1, 8) };
    expect(pick(lost, viewport, x, y, 8)).toBeNull();
  });
});
