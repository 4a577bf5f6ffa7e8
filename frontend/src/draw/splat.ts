import { DIMMED, SELECTED, type Ink, type PointStyle, type Points, shownMarks } from './points';
import { extent, stampPixel } from './stamp';
import type { Viewport } from './viewport';

/** Opaque RGBA pixels, row-major. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** A point's picture at one place within a pixel; alpha and share are in 256ths. */
interface Stamp {
  readonly length: number;
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  readonly red: Uint16Array;
  readonly green: Uint16Array;
  readonly blue: Uint16Array;
  readonly share: Uint16Array;
  readonly rest: Uint16Array;
  readonly reach: number;
}

/** Places within a pixel that are told apart, per axis. */
const PHASES = 4;

function makeStamp(
  flags: number,
  body: number,
  dim: number,
  phase: number,
  style: PointStyle,
  unit: number,
  ink: Ink,
): Stamp {
  const radius = (style.diameter * unit) / 2;
  const opacity = flags & SELECTED ? 1 : style.opacity;
  const shape = { radius, unit, flags, body, opacity, dim };
  const reach = Math.ceil(extent(radius, unit, flags, body >> 2) + 1);
  const fx = ((phase % PHASES) + 0.5) / PHASES;
  const fy = (Math.floor(phase / PHASES) + 0.5) / PHASES;
  const cells: number[][] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const pixel = stampPixel(shape, ink, dx + 0.5 - fx, dy + 0.5 - fy);
      if (pixel[4] > 1 / 512) cells.push([dx, dy, ...pixel]);
    }
  }
  const take = (k: number, factor: number): Uint16Array =>
    Uint16Array.from(cells, (cell) => Math.round(cell[k]! * factor));
  return {
    length: cells.length,
    dx: Int16Array.from(cells, (cell) => cell[0]!),
    dy: Int16Array.from(cells, (cell) => cell[1]!),
    red: take(2, 256),
    green: take(3, 256),
    blue: take(4, 256),
    share: take(5, 256),
    rest: Uint16Array.from(cells, (cell) => 256 - Math.min(256, Math.round(cell[6]! * 256))),
    reach,
  };
}

/** Stamps of the last style drawn: they are made anew only when that changes. */
export class StampCache {
  private readonly stamps = new Map<number, Stamp>();
  private signature = '';

  /** Forgets what was made for another style. */
  prepare(style: PointStyle, ink: Ink, unit: number, someSelected: boolean): void {
    const signature = JSON.stringify([style, ink, unit, someSelected]);
    if (signature !== this.signature) this.stamps.clear();
    this.signature = signature;
  }

  get(key: number, make: () => Stamp): Stamp {
    let stamp = this.stamps.get(key);
    if (stamp === undefined) this.stamps.set(key, (stamp = make()));
    return stamp;
  }
}

/**
 * Draws all points into `raster` on the CPU. The raster may be of another resolution than the
 * viewport: `unit` is its pixels per CSS pixel.
 */
export function splat(
  raster: Raster,
  points: Points,
  viewport: Viewport,
  style: PointStyle,
  ink: Ink,
  unit: number,
  someSelected: boolean,
  stamps = new StampCache(),
): void {
  const { width, height } = raster;
  const { from, to, t, colours, flags, order } = points;
  const bytes = raster.pixels;
  const [red, green, blue] = ink.ground;
  new Uint32Array(bytes.buffer, bytes.byteOffset, width * height).fill(
    ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0,
  );
  const scale = viewport.scale * unit;
  const x0 = width / 2 - viewport.x * scale;
  const y0 = height / 2 + viewport.y * scale;
  stamps.prepare(style, ink, unit, someSelected);
  const marks = shownMarks(style);
  for (const i of order) {
    const ax = from[2 * i]!;
    const ay = from[2 * i + 1]!;
    const x = x0 + (ax + (to[2 * i]! - ax) * t) * scale;
    const y = y0 - (ay + (to[2 * i + 1]! - ay) * t) * scale;
    if (!(x > -99 && y > -99 && x < width + 99 && y < height + 99)) continue;
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const phase = ((x - ix) * PHASES) | (((y - iy) * PHASES) << 2);
    const mark = flags[i]! & marks;
    const body = colours[4 * i + 3]!;
    const key = (((body << 4) | mark) << 4) | phase;
    const stamp = stamps.get(key, () => {
      const dim = someSelected && !(mark & SELECTED) ? DIMMED : 1;
      return makeStamp(mark, body, dim, phase, style, unit, ink);
    });
    const r = colours[4 * i]!;
    const g = colours[4 * i + 1]!;
    const b = colours[4 * i + 2]!;
    const { length, dx, dy, share, rest, reach } = stamp;
    const clipped =
      ix < reach || iy < reach || ix + reach >= width || iy + reach >= height;
    for (let k = 0; k < length; k++) {
      const px = ix + dx[k]!;
      const py = iy + dy[k]!;
      if (clipped && (px < 0 || py < 0 || px >= width || py >= height)) continue;
      const at = (py * width + px) << 2;
      const own = share[k]!;
      const keep = rest[k]!;
      bytes[at] = (bytes[at]! * keep + r * own + stamp.red[k]! + 127) >> 8;
      bytes[at + 1] = (bytes[at + 1]! * keep + g * own + stamp.green[k]! + 127) >> 8;
      bytes[at + 2] = (bytes[at + 2]! * keep + b * own + stamp.blue[k]! + 127) >> 8;
    }
  }
}
