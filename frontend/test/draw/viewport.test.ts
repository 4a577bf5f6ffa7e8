import { describe, expect, it } from 'vitest';
import {
  fitViewport,
  limitsOf,
  mixViewports,
  pan,
  resizeViewport,
  toData,
  toScreen,
  zoomAt,
} from '../../src/draw/viewport';

const close = (actual: readonly number[], wanted: readonly number[]): void => {
  actual.forEach((value, k) => expect(value).toBeCloseTo(wanted[k]!, 6));
};

describe('a viewport', () => {
  const fit = fitViewport([-2, 2, -1, 1], 432, 332);

  it('fits the limits with its margin and one unit on both axes', () => {
    expect(fit.scale).toBe(100);
    close(toScreen(fit, -2, 0), [16, 166]);
    close(toScreen(fit, 2, 1), [416, 66]);
  });

  it('maps a pixel to the plane and back, y up', () => {
    close(toData(fit, ...toScreen(fit, 0.3, -0.7)), [0.3, -0.7]);
    expect(toScreen(fit, 0, 1)[1]).toBeLessThan(toScreen(fit, 0, -1)[1]);
  });

  it('keeps what is under the pointer in place when zoomed', () => {
    const zoomed = zoomAt(fit, 3, 100, 40, fit);
    expect(zoomed.scale).toBe(300);
    close(toData(zoomed, 100, 40), toData(fit, 100, 40));
  });

  it('does not zoom beyond its bounds', () => {
    expect(zoomAt(fit, 1e9, 0, 0, fit).scale).toBe(fit.scale * 4096);
    expect(zoomAt(fit, 1e-9, 0, 0, fit).scale).toBe(fit.scale / 4);
  });

  it('moves with a drag', () => {
    const moved = pan(fit, 30, -20);
    const [x, y] = toScreen(fit, 1, 0.5);
    close(toScreen(moved, 1, 0.5), [x + 30, y - 20]);
  });

  it('keeps its centre and its zoom when the plot is resized', () => {
    const zoomed = zoomAt(fit, 2, 100, 40, fit);
    const half = fitViewport([-2, 2, -1, 1], 232, 182);
    const resized = resizeViewport(zoomed, fit, half);
    expect(resized.scale / half.scale).toBeCloseTo(2);
    expect([resized.x, resized.y, resized.width]).toEqual([zoomed.x, zoomed.y, 232]);
  });

  it('shows one point, no point and broken limits without dividing by zero', () => {
    for (const limits of [[3, 3, 5, 5], [NaN, 1, 0, 1], [0, Infinity, 0, 1]] as const) {
      const viewport = fitViewport(limits, 300, 300);
      expect(toScreen(viewport, 0, 0).every(Number.isFinite)).toBe(true);
      expect(viewport.scale).toBeGreaterThan(0);
    }
    expect(fitViewport([0, 0, -1, 1], 232, 232).scale).toBe(100);
  });

  it('reaches its goal exactly, zooming evenly on the way', () => {
    const goal = zoomAt(fit, 4, 0, 0, fit);
    expect(mixViewports(fit, goal, 1)).toEqual(goal);
    expect(mixViewports(fit, goal, 0.5).scale).toBeCloseTo(2 * fit.scale);
  });
});

describe('limits', () => {
  it('hold the finite points only', () => {
    const xy = Float32Array.of(1, 2, NaN, 50, -3, 4, 60, Infinity);
    expect(limitsOf(xy)).toEqual([-3, 1, 2, 4]);
    expect(limitsOf(Float32Array.of(NaN, NaN))).toEqual([-1, 1, -1, 1]);
  });
});
