/** Many small images in one raster, on the CPU. */

import { DIMMED, HIDDEN, HOLLOW, type Ink, type Rgb, SELECTED, WRONG } from './points';
import { type Raster } from './splat';

/** Where pictures are read from. `seek` moves it to a sample's; the other fields then tell where that is. */
export interface TileSource {
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Opaque pixels as words (little-endian RGBA). */
  readonly pixels: Uint32Array;
  /** The cell's first pixel, and pixels from one of its rows to the next. */
  readonly start: number;
  readonly stride: number;
  /** False where the picture is not here yet. */
  seek(sample: number): boolean;
}

/** What is drawn. All arrays but `order` are indexed by sample. */
export interface Tiles {
  /** Pairs x, y in pixels of the raster; what is not finite is not drawn. */
  readonly centres: Float32Array;
  /** Red, green, blue and the kind of body of the border, four bytes a sample. */
  readonly colours: Uint8Array;
  readonly flags: Uint8Array;
  /** Samples in the order of drawing. */
  readonly order: Uint32Array;
}

export interface TileStyle {
  /** Whole pixels of the raster that each picture takes. */
  readonly width: number;
  readonly height: number;
  /** Whole pixels of the border around it, in the sample's colour; may be 0. */
  readonly border: number;
  /** 256ths of the sample's colour over the picture: where it is too small for a border. */
  readonly tint?: number;
}

const CACHE_BYTES = 64 * 2 ** 20;
/** From this size on a wrong prediction is told by a corner. */
const CORNER_FROM = 10;
/** How much of its colour a picture shows that is not here yet. */
const WAITING = 64;

/** `[red, green, blue]` as one opaque pixel. */
export function word([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** `share` 256ths of `over`, the rest of `under`. */
function mix(under: number, over: number, share: number): number {
  const rest = 256 - share;
  const even = (((under & 0xff00ff) * rest + (over & 0xff00ff) * share) >>> 8) & 0xff00ff;
  const green = (((under & 0xff00) * rest + (over & 0xff00) * share) >>> 8) & 0xff00;
  return (0xff000000 | even | green) >>> 0;
}

export function fillRaster(raster: Raster, colour: Rgb): void {
  wordsOf(raster).fill(word(colour));
}

function wordsOf({ pixels, width, height }: Raster): Uint32Array {
  return new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
}

/** Pictures in the size drawn last: panning copies them instead of reducing each anew. */
export class TileCache {
  private signature = '';
  private source: TileSource | null = null;
  private made = new Uint8Array(0);
  words = new Uint32Array(0);

  /** False where the pictures of `count` samples would be too many for it. */
  prepare(source: TileSource, { width, height }: TileStyle, count: number): boolean {
    if (4 * width * height * count > CACHE_BYTES) return false;
    const signature = `${width} ${height} ${count}`;
    if (signature !== this.signature || source !== this.source) {
      const size = width * height * count;
      if (this.words.length < size) this.words = new Uint32Array(size);
      this.made = new Uint8Array(count);
      [this.signature, this.source] = [signature, source];
    }
    return true;
  }

  /** True once; the caller then makes the picture. */
  isNew(sample: number): boolean {
    if (this.made[sample]) return false;
    this.made[sample] = 1;
    return true;
  }
}

/** Where the samples of `cells` source pixels lie that one of `pixels` target pixels covers. */
function spans(cells: number, pixels: number): Int32Array {
  return Int32Array.from({ length: pixels + 1 }, (_, k) => Math.floor((k * cells) / pixels));
}

/** Each target pixel is the nearest one, or the mean of those it covers. */
function scaled(source: TileSource, columns: Int32Array, rows: Int32Array, out: Uint32Array, at: number): void {
  const { pixels, start, stride } = source;
  const [width, height] = [columns.length - 1, rows.length - 1];
  for (let y = 0; y < height; y++) {
    const top = rows[y]!;
    const bottom = Math.max(top + 1, rows[y + 1]!);
    for (let x = 0; x < width; x++) {
      const left = columns[x]!;
      const right = Math.max(left + 1, columns[x + 1]!);
      const count = (right - left) * (bottom - top);
      if (count === 1) {
        out[at++] = pixels[start + top * stride + left]!;
        continue;
      }
      let [red, green, blue] = [0, 0, 0];
      for (let v = top; v < bottom; v++) {
        for (let k = start + v * stride + left; k < start + v * stride + right; k++) {
          const pixel = pixels[k]!;
          red += pixel & 255;
          green += (pixel >> 8) & 255;
          blue += (pixel >> 16) & 255;
        }
      }
      const half = count >> 1;
      out[at++] =
        ((255 << 24) |
          (((blue + half) / count) << 16) |
          (((green + half) / count) << 8) |
          ((red + half) / count)) >>> 0;
    }
  }
}

/** Fills rectangles of a raster, cut at its edges; a `share` below 256 lets through what is there. */
class Brush {
  private readonly words: Uint32Array;

  constructor(private readonly raster: Raster) {
    this.words = wordsOf(raster);
  }

  fill(x: number, y: number, width: number, height: number, colour: number, share: number): void {
    const { raster, words } = this;
    const [x0, x1] = [Math.max(0, x), Math.min(raster.width, x + width)];
    const y1 = Math.min(raster.height, y + height);
    for (let v = Math.max(0, y); v < y1; v++) {
      const row = v * raster.width;
      if (share >= 256) for (let u = x0; u < x1; u++) words[row + u] = colour;
      else for (let u = x0; u < x1; u++) words[row + u] = mix(words[row + u]!, colour, share);
    }
  }

  /** A frame of `thickness` just outside the rectangle; `gap` is the colour between its dashes. */
  frame(x: number, y: number, width: number, height: number, thickness: number, colour: number, share: number, gap: number | null): void {
    const t = thickness;
    const lines = [
      [x - t, y - t, width + 2 * t, t], [x - t, y + height, width + 2 * t, t],
      [x - t, y, t, height], [x + width, y, t, height],
    ] as const;
    for (const [left, top, wide, high] of lines) {
      this.fill(left, top, wide, high, colour, share);
      if (gap === null) continue;
      const dash = Math.max(2, 2 * t);
      for (let k = dash; k < Math.max(wide, high); k += 2 * dash) {
        if (wide > high) this.fill(left + k, top, Math.min(dash, wide - k), high, gap, share);
        else this.fill(left, top + k, wide, Math.min(dash, high - k), gap, share);
      }
    }
  }

  /** A triangle in the upper right corner. */
  corner(right: number, top: number, side: number, colour: number, share: number): void {
    for (let k = 0; k < side; k++) this.fill(right - side + k, top + k, side - k, 1, colour, share);
  }

  picture(x: number, y: number, width: number, height: number, from: Uint32Array, at: number, share: number): void {
    const { raster, words } = this;
    const [x0, x1] = [Math.max(0, -x), Math.min(width, raster.width - x)];
    const y1 = Math.min(height, raster.height - y);
    for (let v = Math.max(0, -y); v < y1; v++) {
      const to = (y + v) * raster.width + x;
      const row = at + v * width;
      if (share >= 256) for (let u = x0; u < x1; u++) words[to + u] = from[row + u]!;
      else for (let u = x0; u < x1; u++) words[to + u] = mix(words[to + u]!, from[row + u]!, share);
    }
  }
}

/**
 * Draws the pictures over what is in `raster`. The first of `sources` that has a picture gives it;
 * until one does, its place is tinted. The selected have an outline of ink beyond their border, the
 * others are dimmed where `someSelected`; a hollow colour's border is dashed; wrong ones have a corner.
 */
export function drawTiles(
  raster: Raster,
  sources: readonly TileSource[],
  tiles: Tiles,
  style: TileStyle,
  ink: Ink,
  someSelected: boolean,
  cache = new TileCache(),
): void {
  const { width, height, border, tint = 0 } = style;
  const { centres, colours, flags, order } = tiles;
  const brush = new Brush(raster);
  const [first] = sources;
  const cached = first !== undefined && cache.prepare(first, style, flags.length);
  const scratch = new Uint32Array(width * height);
  const grids = sources.map((source) => [spans(source.cellWidth, width), spans(source.cellHeight, height)] as const);
  const [inkWord, wrongWord, groundWord] = [word(ink.ink), word(ink.wrong), word(ink.ground)];
  const outline = Math.max(1, border);
  const reach = border + outline;
  const corner = Math.max(4, Math.round(Math.min(width, height) / 4));
  for (const i of order) {
    const x = Math.round(centres[2 * i]! - width / 2);
    const y = Math.round(centres[2 * i + 1]! - height / 2);
    const seen = x > -width - reach && y > -height - reach && x < raster.width + reach && y < raster.height + reach;
    const mark = flags[i]!;
    if (!seen || mark & HIDDEN) continue;
    const share = someSelected && !(mark & SELECTED) ? Math.round(256 * DIMMED) : 256;
    const own = ((255 << 24) | (colours[4 * i + 2]! << 16) | (colours[4 * i + 1]! << 8) | colours[4 * i]!) >>> 0;
    const k = sources.findIndex((source) => source.seek(i));
    if (k < 0) brush.fill(x, y, width, height, mix(groundWord, own, WAITING), share);
    else {
      const kept = cached && k === 0;
      const [from, at] = kept ? [cache.words, i * width * height] as const : [scratch, 0] as const;
      if (!kept || cache.isNew(i)) scaled(sources[k]!, grids[k]![0], grids[k]![1], from, at);
      brush.picture(x, y, width, height, from, at, share);
      if (tint > 0) brush.fill(x, y, width, height, own, (tint * share) >> 8);
    }
    const hollow = (colours[4 * i + 3]! & 3) === HOLLOW;
    if (border > 0) brush.frame(x, y, width, height, border, own, share, hollow ? groundWord : null);
    if (mark & SELECTED) {
      brush.frame(x - border, y - border, width + 2 * border, height + 2 * border, outline, inkWord, 256, null);
    }
    if (mark & WRONG && Math.min(width, height) >= CORNER_FROM) brush.corner(x + width, y, corner, wrongWord, share);
  }
}
