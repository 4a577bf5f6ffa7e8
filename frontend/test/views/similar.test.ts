import { describe, expect, it } from 'vitest';
import { type Vectors } from '../../src/api';
import { unitAt, xOf } from '../../src/views/similar/draw_waveform';
import { pairFlags, parseThreshold, samplesOf } from '../../src/views/similar/pairs';
import { savgol } from '../../src/views/similar/savgol';
import { extentOf, fittingSmoothing, mostDifferent, pixelName, waveforms } from '../../src/views/similar/waveforms';

describe('Savitzky-Golay smoothing', () => {
  const values = Float32Array.of(3, -1, 4, 1, -5, 9, 2, 6, -5, 3, 5, 8);

  // scipy.signal.savgol_filter(values, window, order, mode='interp'), SciPy 1.17, rounded
  it.each([
    [5, 2, [1.485714, 2.657143, 2.114286, -0.542857, 0.485714, 2.742857, 6.971429, 0.857143, 0.057143, 0.257143, 3.228571, 9.342857]],
    [7, 3, [2.761905, 0.952381, 0.380952, 0.714286, 1.571429, 3.238095, 3.142857, 2.857143, 0.285714, 1.380952, 4.166667, 8.47619]],
    [3, 1, [1.5, 2, 1.333333, 0, 1.666667, 2, 5.666667, 1, 1.333333, 1, 5.333333, 7.833333]],
    [11, 4, [3.230769, 0.027972, 0.02331, 1.356643, 2.706294, 3.289044, 2.72028, 2.086247, 1.414918, 1.494172, 3.433566, 8.664336]],
  ])('of window %i and order %i is what SciPy computes, edges and all', (window, order, expected) => {
    const smoothed = savgol(values, { window, order });
    expected.forEach((value, i) => expect(smoothed[i]).toBeCloseTo(value, 5));
  });

  it('leaves a polynomial of its order as it is', () => {
    const cubic = Float32Array.from({ length: 40 }, (_, x) => 0.01 * x ** 3 - 0.3 * x ** 2 + x);
    savgol(cubic, { window: 21, order: 3 }).forEach((value, i) => expect(value).toBeCloseTo(cubic[i]!, 3));
  });

  it('has a gap as wide as the windows that hold a value which is not finite', () => {
    const broken = values.map((value, i) => (i === 6 ? NaN : value));
    expect([...savgol(broken, { window: 5, order: 2 })].map(Number.isNaN)).toEqual(
      [false, false, false, false, true, true, true, true, true, false, false, false],
    );
    expect(savgol(values.map((value, i) => (i === 0 ? Infinity : value)), { window: 3, order: 1 })[0]).toBeNaN();
  });

  it('refuses a window that is even, longer than the values, or not above the order', () => {
    for (const bad of [{ window: 4, order: 2 }, { window: 13, order: 2 }, { window: 5, order: 5 }]) {
      expect(() => savgol(values, bad)).toThrow(/odd window of at most 12/);
    }
  });

  it('takes a smaller window where there are few units, and none below three', () => {
    expect(fittingSmoothing({ window: 11, order: 3 }, 8)).toEqual({ window: 7, order: 3 });
    expect(fittingSmoothing({ window: 11, order: 3 }, 3)).toBeNull();
    expect(fittingSmoothing({ window: 11, order: 1 }, 1)).toBeNull();
  });
});

describe('the waveform', () => {
  const vectors: Vectors = {
    step: 0,
    source: 'dense',
    indices: [4, 9, 2],
    nFeatures: 4,
    values: Float32Array.of(1, 5, NaN, 0, /**/ 1, 1, 2, NaN, /**/ 3, 2, 4, NaN),
    note: '',
  };

  it('shows the query beside each neighbour, their mean and their range', () => {
    const shown = waveforms(vectors, null);
    expect([...shown.query]).toEqual([1, 5, NaN, 0]);
    expect(shown.drawn.map((row) => [...row])).toEqual([[1, 1, 2, NaN], [3, 2, 4, NaN]]);
    expect([...shown.mean]).toEqual([2, 1.5, 3, NaN]);
    expect([...shown.low]).toEqual([1, 1, 2, NaN]);
    expect([...shown.high]).toEqual([3, 2, 4, NaN]);
    expect(extentOf(shown)).toEqual([0, 5]);
  });

  it('marks the units whose query lies furthest from the mean, as they are even where they are drawn smoothed', () => {
    expect(waveforms(vectors, null).marked).toEqual([1, 0]);
    const wide = { ...vectors, indices: [0, 1], nFeatures: 6, values: Float32Array.of(0, 0, 9, 0, 0, 1, /**/ 0, 0, 0, 0, 0, 0) };
    const smoothed = waveforms(wide, { window: 5, order: 1 });
    expect(smoothed.marked).toEqual([2, 5]);
    expect(smoothed.query[2]).toBe(9);
    expect(smoothed.drawnQuery[2]).toBeCloseTo(9 / 5, 5);
  });

  it('never marks more than asked for, nor units that are equal', () => {
    const rising = Float32Array.from({ length: 1024 }, (_, unit) => unit);
    expect(mostDifferent(rising, new Float32Array(1024), 3)).toEqual([1023, 1022, 1021]);
    expect(mostDifferent(rising, rising, 3)).toEqual([]);
  });

  it('names the pixel of an input, as long as there is one value for each', () => {
    expect(pixelName(19, 24, [2, 4, 3])).toBe('x 2, y 1, channel 1');
    expect(pixelName(5, 8, [2, 4, 1])).toBe('x 1, y 1');
    expect(pixelName(5, 6, [4, 4, 1])).toBeNull();
  });

  it('finds the unit under the pointer at any width', () => {
    for (const units of [1, 7, 128, 1024]) {
      for (const unit of [0, Math.floor(units / 2), units - 1]) expect(unitAt(xOf(unit, units, 640), units, 640)).toBe(unit);
    }
    expect([unitAt(3, 8, 640), unitAt(639, 8, 640)]).toEqual([null, null]);
  });
});

describe('near-duplicates', () => {
  const splitOf = (index: number): string => (index < 3 ? 'train' : 'validation');

  it('are flagged where labels or splits differ; a missing label differs from none', () => {
    const labels = [0, 1, -1, 0];
    expect(pairFlags(0, 1, labels, splitOf)).toEqual({ labelsDiffer: true, splitsDiffer: false });
    expect(pairFlags(0, 3, labels, splitOf)).toEqual({ labelsDiffer: false, splitsDiffer: true });
    expect(pairFlags(1, 2, labels, splitOf).labelsDiffer).toBe(false);
  });

  it('are selected each once, the closest first', () => {
    expect(samplesOf({ first: Int32Array.of(7, 2, 7), second: Int32Array.of(9, 7, 1) })).toEqual([7, 9, 2, 1]);
  });

  it('take a threshold from 0 on; an empty one is left to the server', () => {
    expect(['', ' ', '0', '0.05', '1e-3'].map(parseThreshold)).toEqual([null, null, 0, 0.05, 0.001]);
    expect(['-1', 'x', 'Infinity', 'NaN'].map(parseThreshold)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
