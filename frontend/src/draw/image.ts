/** A sample's input as pixels: bands, window and gamma. */

export interface Bands {
  /** One band in grey, or three as red, green and blue. */
  channels: readonly [number] | readonly [number, number, number];
}

export interface Window {
  /** Shown as black. */
  low: number;
  /** Shown as white. */
  high: number;
  /** 1 is linear; above 1 lifts the dark. */
  gamma: number;
}

export interface Raster {
  data: Float32Array | Uint8Array;
  height: number;
  width: number;
  channels: number;
}

/** RGBA, row-major. A pixel with a value that is not a number stays transparent. */
export function paintImage(raster: Raster, { channels }: Bands, window: Window): Uint8ClampedArray<ArrayBuffer> {
  const { data, height, width, channels: stride } = raster;
  const out = new Uint8ClampedArray(4 * height * width);
  const [red, green = red, blue = red] = channels;
  const map = transfer(window);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const at = pixel * stride;
    const [r, g, b] = [data[at + red] ?? NaN, data[at + green] ?? NaN, data[at + blue] ?? NaN];
    if (Number.isNaN(r) || Number.isNaN(g) || Number.isNaN(b)) continue;
    out[4 * pixel] = map(r);
    out[4 * pixel + 1] = map(g);
    out[4 * pixel + 2] = map(b);
    out[4 * pixel + 3] = 255;
  }
  return out;
}

function transfer({ low, high, gamma }: Window): (value: number) => number {
  const width = high - low;
  if (!(width > 0)) return (value) => (value > low ? 255 : 0);
  if (gamma === 1) return (value) => (255 * (value - low)) / width;
  return (value) => 255 * Math.min(1, Math.max(0, (value - low) / width)) ** (1 / gamma);
}

/** The values below which `from` and `to` (shares) of the finite values of some channels lie. */
export function percentiles(
  raster: Raster,
  { channels }: Bands,
  from: number,
  to: number,
): [number, number] | null {
  const values: number[] = [];
  for (let pixel = 0; pixel < raster.height * raster.width; pixel++) {
    for (const channel of channels) {
      const value = raster.data[pixel * raster.channels + channel] ?? NaN;
      if (Number.isFinite(value)) values.push(value);
    }
  }
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(from), at(to)];
}

/** Values that are NaN or infinite in the shown channels. */
export function countNonFinite(raster: Raster, { channels }: Bands): number {
  let count = 0;
  for (let pixel = 0; pixel < raster.height * raster.width; pixel++) {
    for (const channel of channels) {
      if (!Number.isFinite(raster.data[pixel * raster.channels + channel])) count++;
    }
  }
  return count;
}

export interface Fit {
  width: number;
  height: number;
  /** Whole: each pixel as so many; below 1: shrunk to fit. */
  scale: number;
}

/** The largest whole scale that fits, or the share at which a larger picture fits. */
export function fitImage(width: number, height: number, boxWidth: number, boxHeight: number): Fit {
  const most = Math.min(boxWidth / width, boxHeight / height);
  const scale = most >= 1 ? Math.floor(most) : most;
  return { width: width * scale, height: height * scale, scale };
}
