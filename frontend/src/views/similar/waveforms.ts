/** The vectors of a query and its neighbours, made ready for drawing. */

import { type Vectors } from '../../api';
import { type Smoothing, savgol } from './savgol';

export const MOST_MARKED = 8;

export interface Waveforms {
  /** The query's vector as it is, and as it is drawn. */
  query: Float32Array;
  drawnQuery: Float32Array;
  /** One drawn vector a neighbour. */
  drawn: Float32Array[];
  /** Mean, least and greatest of the neighbours' vectors as they are; NaN where none is finite. */
  mean: Float32Array;
  low: Float32Array;
  high: Float32Array;
  drawnMean: Float32Array;
  /** Units by falling |query - mean|, before any smoothing; at most `MOST_MARKED`. */
  marked: number[];
  units: number;
}

export function waveforms({ values, nFeatures, indices }: Vectors, smoothing: Smoothing | null): Waveforms {
  const rows = indices.map((_, k) => values.subarray(k * nFeatures, (k + 1) * nFeatures));
  const [query = new Float32Array(0), ...others] = rows;
  const { mean, low, high } = summary(others, nFeatures);
  const smooth = (row: Float32Array): Float32Array => (smoothing ? savgol(row, smoothing) : row);
  return {
    query,
    drawnQuery: smooth(query),
    drawn: others.map(smooth),
    mean, low, high,
    drawnMean: smooth(mean),
    marked: mostDifferent(query, mean, MOST_MARKED),
    units: nFeatures,
  };
}

function summary(rows: readonly Float32Array[], units: number): { mean: Float32Array; low: Float32Array; high: Float32Array } {
  const nothing = (): Float32Array => new Float32Array(units).fill(NaN);
  const [mean, low, high] = [nothing(), nothing(), nothing()];
  for (let unit = 0; unit < units; unit++) {
    let [sum, count] = [0, 0];
    for (const row of rows) {
      const value = row[unit]!;
      if (!Number.isFinite(value)) continue;
      sum += value;
      count++;
      low[unit] = count === 1 ? value : Math.min(low[unit]!, value);
      high[unit] = count === 1 ? value : Math.max(high[unit]!, value);
    }
    if (count > 0) mean[unit] = sum / count;
  }
  return { mean, low, high };
}

/** Units where two vectors lie furthest apart, furthest first; equal units and NaN are never among them. */
export function mostDifferent(a: Float32Array, b: Float32Array, most: number): number[] {
  const off = (unit: number): number => Math.abs(a[unit]! - b[unit]!);
  const units: number[] = [];
  for (let unit = 0; unit < a.length; unit++) if (off(unit) > 0) units.push(unit);
  return units.sort((one, other) => off(other) - off(one) || one - other).slice(0, most);
}

/** Ends of all drawn values, with 0 among them. */
export function extentOf({ drawnQuery, drawn, drawnMean }: Waveforms): [number, number] {
  let [low, high] = [0, 0];
  for (const row of [drawnQuery, drawnMean, ...drawn]) {
    for (const value of row) {
      if (value < low && value > -Infinity) low = value;
      if (value > high && value < Infinity) high = value;
    }
  }
  return low === high ? [low, low + 1] : [low, high];
}

/** Window sizes that fit `units` values: odd, above the order. */
export function fittingSmoothing({ window, order }: Smoothing, units: number): Smoothing | null {
  const most = units % 2 === 0 ? units - 1 : units;
  const fitting = Math.min(most, window);
  return fitting > order && fitting >= 3 ? { window: fitting, order } : null;
}

/** Which pixel a value of an image (height, width, channels) is; null where the images were reduced. */
export function pixelName(unit: number, units: number, [height, width, channels]: readonly number[]): string | null {
  if (!height || !width || !channels || height * width * channels !== units) return null;
  const place = Math.floor(unit / channels);
  const channel = channels > 1 ? `, channel ${unit % channels}` : '';
  return `x ${place % width}, y ${Math.floor(place / width)}${channel}`;
}
