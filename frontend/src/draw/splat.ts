import { DIMMED, SELECTED, type Ink, type PointStyle, type Points, shownMarks } from './points';
import { extent, stampPixel } from './stamp';
import type { Viewport } from './viewport';

/** Opaque RGBA pixels, row-major. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/**
 * A point's picture at one place within a pixel. Shares are in 256ths; what is laid over a pixel is
 * `rest` of it, `share` of the point's colour, and the edge's own, whose channels stand as in a
 * pixel: red and blue in `even`, green in `odd`.
 */
interface Stamp {
  readonly length: number;
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  readonly even: Int32Array;
  readonly odd: Int32Array;
  readonly share: Int32Array;
  readonly rest: Int32Array;
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
  const whole = (cell: number[], k: number, most: number): number => Math.min(most, Math.round(cell[k]! * 256));
  // The shares must not pass 256 together, or one channel would run over into the next.
  const over = cells.map((cell) => whole(cell, 6, 256));
  const share = cells.map((cell, k) => whole(cell, 5, over[k]!));
  const edge = (k: number, channel: number): number => whole(cells[k]!, channel, 255 * (over[k]! - share[k]!));
  return {
    length: cells.length,
    dx: Int16Array.from(cells, (cell) => cell[0]!),
    dy: Int16Array.from(cells, (cell) => cell[1]!),
    even: Int32Array.from(cells, (_, k) => edge(k, 2) + HALF + ((edge(k, 4) + HALF) << 16)),
    odd: Int32Array.from(cells, (_, k) => edge(k, 3) + HALF),
    share: Int32Array.from(share),
    rest: Int32Array.from(over, (taken) => 256 - taken),
    reach,
  };
}

/** Rounds where 8 bits are cut off. */
const HALF = 127;

/** What drawing the same points again need not do again: stamps of the last style, and the points in their order. */
export class SplatCache {
  private stamps: (Stamp | undefined)[] = [];
  private signature = '';
  private points: Points | null = null;
  /** Of each point in the order of drawing: its places, its colour and what it carries. */
  from = new Float32Array(0);
  to = new Float32Array(0);
  colours = new Uint32Array(0);
  looks = new Uint16Array(0);

  /** Forgets what was made for another style, and for other points. */
  prepare(points: Points, style: PointStyle, ink: Ink, unit: number, someSelected: boolean): void {
    const signature = JSON.stringify([style, ink, unit, someSelected]);
    if (signature !== this.signature) this.stamps = [];
    this.signature = signature;
    const last = this.points;
    const { order, from, to, colours, flags } = points;
    const moved = order !== last?.order;
    if (moved || to !== last.to) this.to = inOrder(to, order);
    if (from === to) this.from = this.to;
    else if (moved || from !== last.from) this.from = inOrder(from, order);
    if (moved || colours !== last.colours || flags !== last.flags) this.gatherLooks(points);
    this.points = points;
  }

  private gatherLooks({ order, colours, flags }: Points): void {
    this.colours = new Uint32Array(order.length);
    this.looks = new Uint16Array(order.length);
    order.forEach((i, k) => {
      this.colours[k] = (colours[4 * i]! | (colours[4 * i + 1]! << 8) | (colours[4 * i + 2]! << 16)) >>> 0;
      this.looks[k] = (colours[4 * i + 3]! << 4) | flags[i]!;
    });
  }

  get(key: number, make: () => Stamp): Stamp {
    return (this.stamps[key] ??= make());
  }
}

/** Drawing goes through memory from one end to the other: picking points out of a million is what takes long. */
function inOrder(xy: Float32Array, order: Uint32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(2 * order.length);
  for (let k = 0; k < order.length; k++) {
    const i = order[k]!;
    out[2 * k] = xy[2 * i]!;
    out[2 * k + 1] = xy[2 * i + 1]!;
  }
  return out;
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
  cache = new SplatCache(),
): void {
  const { width, height } = raster;
  const words = new Uint32Array(raster.pixels.buffer, raster.pixels.byteOffset, width * height);
  const [red, green, blue] = ink.ground;
  words.fill(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
  const scale = viewport.scale * unit;
  const x0 = width / 2 - viewport.x * scale;
  const y0 = height / 2 + viewport.y * scale;
  cache.prepare(points, style, ink, unit, someSelected);
  const { from, to, colours, looks } = cache;
  const { t } = points;
  const still = from === to || t >= 1;
  const marks = shownMarks(style);
  const count = colours.length;
  for (let i = 0; i < count; i++) {
    const bx = to[2 * i]!;
    const by = to[2 * i + 1]!;
    const x = x0 + (still ? bx : from[2 * i]! + (bx - from[2 * i]!) * t) * scale;
    const y = y0 - (still ? by : from[2 * i + 1]! + (by - from[2 * i + 1]!) * t) * scale;
    if (!(x > -99 && y > -99 && x < width + 99 && y < height + 99)) continue;
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const phase = ((x - ix) * PHASES) | (((y - iy) * PHASES) << 2);
    const mark = looks[i]! & marks;
    const body = looks[i]! >> 4;
    const stamp = cache.get((((body << 4) | mark) << 4) | phase, () => {
      const dim = someSelected && !(mark & SELECTED) ? DIMMED : 1;
      return makeStamp(mark, body, dim, phase, style, unit, ink);
    });
    const colour = colours[i]!;
    lay(words, width, height, ix, iy, stamp, colour & 0xff00ff, (colour >>> 8) & 255);
  }
}

function lay(
  words: Uint32Array,
  width: number,
  height: number,
  ix: number,
  iy: number,
  { length, dx, dy, even, odd, share, rest, reach }: Stamp,
  redBlue: number,
  green: number,
): void {
  const clipped = ix < reach || iy < reach || ix + reach >= width || iy + reach >= height;
  for (let k = 0; k < length; k++) {
    const px = ix + dx[k]!;
    const py = iy + dy[k]!;
    if (clipped && (px < 0 || py < 0 || px >= width || py >= height)) continue;
    const at = py * width + px;
    const under = words[at]!;
    const own = share[k]!;
    const keep = rest[k]!;
    const rb = (Math.imul(under & 0xff00ff, keep) + Math.imul(redBlue, own) + even[k]!) >>> 8;
    const g = Math.imul((under >>> 8) & 255, keep) + Math.imul(green, own) + odd[k]!;
    words[at] = (0xff000000 | (rb & 0xff00ff) | (g & 0xff00)) >>> 0;
  }
}
