import { describe, expect, it } from 'vitest';
import { type Input } from '../src/api';
import { countNonFinite, fitImage, paintImage, percentiles } from '../src/draw/image';
import { DEFAULT, bandsOf, parseDisplay, windowOf } from '../src/inspector/display';
import { topScores } from '../src/inspector/record';

const raster = (data: number[], channels: number) => ({ data: Float32Array.from(data), height: 1, width: data.length / channels, channels });
const whole = { low: 0, high: 1, gamma: 1 };

describe('a painted input', () => {
  it('maps the window to black and white, and clips', () => {
    const pixels = paintImage(raster([-1, 0, 0.5, 1, 9], 1), { channels: [0] }, whole);
    expect([0, 1, 2, 3, 4].map((i) => pixels[4 * i])).toEqual([0, 0, 128, 255, 255]);
  });

  it('shows any three bands as red, green and blue', () => {
    const pixels = paintImage(raster([0, 0.2, 0.4, 0.6, 1], 5), { channels: [4, 2, 0] }, whole);
    expect(Array.from(pixels)).toEqual([255, 102, 0, 255]);
  });

  it('leaves a pixel without a number transparent, and counts it', () => {
    const image = raster([NaN, 1, Infinity], 1);
    expect([3, 7, 11].map((at) => paintImage(image, { channels: [0] }, whole)[at])).toEqual([0, 255, 255]);
    expect(countNonFinite(image, { channels: [0] })).toBe(2);
  });

  it('gets brighter with gamma but keeps its ends', () => {
    const at = (gamma: number): number[] => [0, 4, 8].map((i) => paintImage(raster([0, 0.25, 1], 1), { channels: [0] }, { ...whole, gamma })[i] ?? -1);
    expect(at(2)).toEqual([0, 128, 255]);
    expect(at(1)).toEqual([0, 64, 255]);
  });

  it('with an empty window is black or white', () => {
    const pixels = paintImage(raster([1, 2, 3], 1), { channels: [0] }, { low: 2, high: 2, gamma: 1 });
    expect([0, 4, 8].map((i) => pixels[i])).toEqual([0, 0, 255]);
  });
});

describe('the scale of an image', () => {
  it('is the largest whole number that fits', () => {
    expect(fitImage(28, 28, 286, 252)).toEqual({ width: 252, height: 252, scale: 9 });
    expect(fitImage(100, 20, 286, 252)).toEqual({ width: 200, height: 40, scale: 2 });
  });

  it('is below one only where the image is larger than the room', () => {
    expect(fitImage(504, 1008, 286, 252)).toEqual({ width: 126, height: 252, scale: 0.25 });
  });
});

const input = (change: Partial<Input>): Input => ({
  low: 0, high: 1, display: 'unit', source_dtype: 'float32', height: 1, width: 100, channels: 1, image: null,
  data: Float32Array.from({ length: 100 }, (_, i) => i / 99), ...change,
});

describe('how an input is shown', () => {
  it('is by its range, and by 1 to 99% where that is not known', () => {
    expect(windowOf(input({}), DEFAULT)).toEqual(whole);
    const { low, high } = windowOf(input({ display: 'stretched', low: -5, high: 900 }), DEFAULT);
    expect(low).toBeCloseTo(1 / 99);
    expect(high).toBeCloseTo(98 / 99);
  });

  it('takes red, green and blue from three channels on, else the first', () => {
    const bands = [1, 2, 3, 7].map((channels) => bandsOf(input({ channels }), DEFAULT).channels);
    expect(bands).toEqual([[0], [0], [0, 1, 2], [0, 1, 2]]);
  });

  it('forgets a remembered band that the run has not', () => {
    expect(bandsOf(input({ channels: 4 }), { ...DEFAULT, channels: [9] }).channels).toEqual([0, 1, 2]);
    expect(bandsOf(input({ channels: 4 }), { ...DEFAULT, channels: [3, 0, 2] }).channels).toEqual([3, 0, 2]);
  });

  it.each([null, 'x', 3, [], { channels: ['a'], range: 'x', low: 'NaN', high: null, gamma: 1e9 }, { channels: [1, 2] }])(
    'has a default for a damaged memory: %j',
    (stored) => {
      const display = parseDisplay(stored);
      expect(display).toEqual({ ...DEFAULT, gamma: display.gamma });
      expect(display.gamma).toBeLessThanOrEqual(4);
    },
  );

  it('has percentiles over the finite values of the shown bands only', () => {
    expect(percentiles(raster([1, 100, NaN, 100, 3, 100], 2), { channels: [0] }, 0, 1)).toEqual([1, 3]);
    expect(percentiles(raster([NaN], 1), { channels: [0] }, 0.01, 0.99)).toBeNull();
  });
});

describe('top scores', () => {
  const sample = { scoreClasses: Int32Array.of(4, 2, 0, 7, 1), scores: Float32Array.of(0.5, 0.3, 0.1, 0.06, 0.04), label: 1 };

  it("always hold the label's, in the place of the last", () => {
    expect(topScores(sample, 3).map(({ index }) => index)).toEqual([4, 2, 1]);
    expect(topScores({ ...sample, label: 2 }, 3).map(({ index }) => index)).toEqual([4, 2, 0]);
  });

  it('are fewer where there are fewer classes', () => {
    expect(topScores({ ...sample, scoreClasses: Int32Array.of(1), scores: Float32Array.of(1) }, 4)).toHaveLength(1);
  });
});
