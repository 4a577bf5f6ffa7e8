import { separated } from '../../draw/declutter';
import { HIDDEN, type Ink, type Points, SELECTED } from '../../draw/points';
import { type Raster } from '../../draw/splat';
import { TileCache, type TileSource, drawTiles } from '../../draw/tiles';
import { type Viewport } from '../../draw/viewport';

/** A source that is told what is drawn of it. */
export interface PictureSource extends TileSource {
  want(samples: Iterable<number>): void;
}

/** Where pictures come from. Another object: more of them are here. */
export interface PictureLook {
  /** The best first for pictures of so many device pixels. */
  sources(size: number): readonly PictureSource[];
}

const SIDE = 20;
const MOST_SIDE = 96;
const BORDER = 2;
/** Pictures may overlap by so much of their size. */
const APART = 0.78;

/** CSS pixels of the longest side; that of the stored picture where it is near. */
export function pictureSide(zoom: number, stored: number, unit: number): number {
  const wanted = Math.min(MOST_SIDE, SIDE * Math.max(0.8, Math.sqrt(zoom)));
  const own = stored / unit;
  return Math.abs(wanted - own) < 0.2 * own ? own : wanted;
}

/** The points that are drawn as pictures: as many as have room, an even choice of the others stays dots. */
export class Pictures {
  look: PictureLook | null = null;
  /** CSS pixels, without the border. */
  width = 0;
  height = 0;
  readonly border = BORDER;
  private chosen: Uint32Array = new Uint32Array(0);
  private isChosen: Uint8Array = new Uint8Array(0);
  private rest: Uint32Array = new Uint32Array(0);
  private centres: Float32Array = new Float32Array(0);
  private made: readonly unknown[] = [];
  private candidates: Uint32Array = new Uint32Array(0);
  private candidatesMade: readonly unknown[] = [];
  private readonly caches = new WeakMap<TileSource, TileCache>();

  get count(): number {
    return this.chosen.length;
  }

  has(index: number): boolean {
    return this.look !== null && this.isChosen[index] === 1;
  }

  /** The other points, in their order. */
  get dots(): Uint32Array {
    return this.rest;
  }

  /** Chooses for where the points are going; the focused and selected come first. */
  choose(points: Points, shuffle: Uint32Array, focused: number | null, viewport: Viewport, zoom: number, unit: number): void {
    const [source] = this.look?.sources(SIDE * unit) ?? [];
    const [cellWidth, cellHeight] = [source?.cellWidth ?? 1, source?.cellHeight ?? 1];
    const longest = Math.max(cellWidth, cellHeight);
    const side = pictureSide(zoom, longest, unit);
    this.width = Math.max(1, Math.round((side * unit * cellWidth) / longest)) / unit;
    this.height = Math.max(1, Math.round((side * unit * cellHeight) / longest)) / unit;
    const inputs = [points.to, points.flags, points.order, shuffle, focused, viewport.scale, this.width, this.height];
    if (inputs.every((value, k) => value === this.made[k])) return;
    this.made = inputs;
    const { flags, to, order } = points;
    const candidates = this.candidatesOf(flags, shuffle, focused);
    const [dx, dy] = [this.width, this.height].map((size) => ((size + 2 * BORDER) * APART) / viewport.scale);
    this.chosen = separated(candidates, to, dx!, dy!);
    this.isChosen = new Uint8Array(flags.length);
    for (const i of this.chosen) this.isChosen[i] = 1;
    this.rest = order.filter((i) => !this.isChosen[i]);
  }

  /** All visible points: the focused one, the selected, the others. */
  private candidatesOf(flags: Uint8Array, shuffle: Uint32Array, focused: number | null): Uint32Array {
    const inputs = [flags, shuffle, focused];
    if (inputs.every((value, k) => value === this.candidatesMade[k])) return this.candidates;
    this.candidatesMade = inputs;
    const visible = (i: number): boolean => !(flags[i]! & HIDDEN);
    const first = focused !== null && focused < flags.length && visible(focused) ? [focused] : [];
    const selected = shuffle.filter((i) => visible(i) && flags[i]! & SELECTED);
    const others = shuffle.filter((i) => visible(i) && !(flags[i]! & SELECTED));
    this.candidates = new Uint32Array(first.length + selected.length + others.length);
    this.candidates.set(first);
    this.candidates.set(selected, first.length);
    this.candidates.set(others, first.length + selected.length);
    return this.candidates;
  }

  draw(raster: Raster, points: Points, viewport: Viewport, ink: Ink, unit: number, someSelected: boolean): void {
    const width = Math.round(this.width * unit);
    const height = Math.round(this.height * unit);
    const sources = this.look?.sources(Math.max(width, height)) ?? [];
    if (this.centres.length !== 2 * points.flags.length) this.centres = new Float32Array(2 * points.flags.length);
    const { centres } = this;
    const seen: number[] = [];
    for (const i of this.chosen) {
      const [x, y] = placeOf(points, viewport, i);
      centres[2 * i] = x * unit;
      centres[2 * i + 1] = y * unit;
      if (x > -width && y > -height && x < viewport.width + width && y < viewport.height + height) seen.push(i);
    }
    for (const source of sources) source.want(seen);
    const { colours, flags } = points;
    // The chosen come first of those with a say; they are to lie above the others.
    const order = Uint32Array.from(seen).reverse();
    const style = { width, height, border: Math.max(1, Math.round(BORDER * unit)) };
    drawTiles(raster, sources, { centres, colours, flags, order }, style, ink, someSelected, this.cacheOf(sources[0]));
  }

  private cacheOf(source: TileSource | undefined): TileCache {
    if (!source) return new TileCache();
    const cache = this.caches.get(source) ?? new TileCache();
    this.caches.set(source, cache);
    return cache;
  }

  /** The uppermost picture at a place in CSS pixels. */
  pick(points: Points, viewport: Viewport, px: number, py: number): number | null {
    const found = this.chosen.find((i) => {
      const [x, y] = placeOf(points, viewport, i);
      return Math.abs(px - x) <= this.width / 2 + BORDER && Math.abs(py - y) <= this.height / 2 + BORDER;
    });
    return found ?? null;
  }
}

function placeOf({ from, to, t }: Points, viewport: Viewport, i: number): [number, number] {
  const x = from[2 * i]! + (to[2 * i]! - from[2 * i]!) * t;
  const y = from[2 * i + 1]! + (to[2 * i + 1]! - from[2 * i + 1]!) * t;
  return [
    viewport.width / 2 + (x - viewport.x) * viewport.scale,
    viewport.height / 2 - (y - viewport.y) * viewport.scale,
  ];
}
