/** Small pictures of numbers in rows: where they stand, and how they are drawn. */

import { type Scale, placeIn, rampOf } from '../../draw/ramp';

/** Values of one tile; `stride` apart from one to the next, from `start` on, row-major. */
export interface Raster {
  data: Float32Array;
  width: number;
  height: number;
  /** Place of a value in `data`. */
  at(x: number, y: number): number;
}

export interface Tile {
  caption: string;
  /** One raster, or red, green and blue. */
  rasters: readonly [Raster] | readonly [Raster, Raster, Raster];
  /** The high end of its scale. */
  most: number;
  /** A line below the picture, on a scale that all tiles share. */
  line?: { values: ArrayLike<number>; most: number; at: number };
  /** Stands at the right of the caption. */
  value?: string;
  /** So many pictures below one another. */
  slices?: number;
  /** The picture lies over this image; the smaller a value, the more of it is seen. */
  over?: { image: CanvasImageSource; opacity: number };
}

/** How tiles of one size stand in a box. */
export interface TileLayout {
  /** Screen pixels of one value; below 1 the picture is shrunk. */
  scale: number;
  width: number;
  height: number;
  /** From one tile to the next. */
  stepX: number;
  stepY: number;
  columns: number;
  /** Tiles that fit. */
  capacity: number;
}

export const CAPTION = 18;
const GAP = 10;
const MARGIN = 10;
/** Narrower tiles have no room for their caption. */
const LEAST_STEP = 40;
const MOST_SCALE = 48;

const whole = (scale: number, round: (value: number) => number): number =>
  scale >= 0.75 ? Math.max(1, round(scale)) : Math.max(0.01, scale);

/** Tiles of about `side`, or up to twice that where `count` of them fit, in rows of whole groups; without a side a single tile fills the box. */
export function fitTiles(width: number, height: number, rasterWidth: number, rasterHeight: number, side: number | null, count: number, group = 1): TileLayout {
  const sides = side === null ? [] : [2 * side, 1.67 * side, 1.33 * side];
  const layouts = sides.map((larger) => layoutTiles(width, height, rasterWidth, rasterHeight, larger));
  const found = layouts.find(({ capacity }) => capacity >= count) ?? layoutTiles(width, height, rasterWidth, rasterHeight, side);
  if (group > found.columns) return found;
  const columns = found.columns - (found.columns % group);
  return { ...found, columns, capacity: (found.capacity / found.columns) * columns };
}

/** A value is a whole number of screen pixels, unless it is less than one. */
export function layoutTiles(width: number, height: number, rasterWidth: number, rasterHeight: number, side: number | null): TileLayout {
  const scale = side === null
    ? whole(Math.min((width - 2 * MARGIN) / rasterWidth, (height - MARGIN - CAPTION - 8) / rasterHeight), Math.floor)
    : Math.min(MOST_SCALE, whole(side / Math.max(rasterWidth, rasterHeight), Math.round));
  const [w, h] = [Math.max(1, Math.round(rasterWidth * scale)), Math.max(1, Math.round(rasterHeight * scale))];
  const [stepX, stepY] = [Math.max(LEAST_STEP, w + GAP), h + CAPTION + 8];
  const columns = side === null ? 1 : Math.max(1, Math.floor((width - 2 * MARGIN + GAP) / stepX));
  const rows = side === null ? 1 : Math.max(1, Math.floor((height - MARGIN) / stepY));
  return { scale, width: w, height: h, stepX, stepY, columns, capacity: columns * rows };
}

/** Left and top of the k-th tile of a page. */
export function tilePlace({ columns, stepX, stepY }: TileLayout, k: number): [number, number] {
  return [MARGIN + (k % columns) * stepX, MARGIN + Math.floor(k / columns) * stepY];
}

/** The tile at a point, and the value's column and row in it; null beside all tiles. */
export function valueUnder(layout: TileLayout, px: number, py: number): { tile: number; x: number; y: number } | null {
  const [column, row] = [Math.floor((px - MARGIN) / layout.stepX), Math.floor((py - MARGIN) / layout.stepY)];
  const [dx, dy] = [px - MARGIN - column * layout.stepX, py - MARGIN - row * layout.stepY];
  if (column < 0 || row < 0 || column >= layout.columns || dx >= layout.width || dy >= layout.height) return null;
  return { tile: row * layout.columns + column, x: Math.floor(dx / layout.scale), y: Math.floor(dy / layout.scale) };
}

/** RGBA of a tile. What is not a number stays transparent; over an image, so do small values. */
export function paintTile({ rasters, most, over }: Pick<Tile, 'rasters' | 'most' | 'over'>, scale: Scale, dark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const [first, second, third] = rasters;
  const { width, height } = first;
  const out = new Uint8ClampedArray(4 * width * height);
  const ramp = rampOf(scale, dark || over !== undefined);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const value = first.data[first.at(x, y)]!;
      if (rasters.some(({ data, at }) => Number.isNaN(data[at(x, y)]))) continue;
      if (second && third) {
        [first, second, third].forEach(({ data, at }, k) => (out[to + k] = placeIn('diverging', data[at(x, y)]!, most)));
      } else {
        const from = 3 * Math.round(placeIn(scale, value, most));
        out.set(ramp.subarray(from, from + 3), to);
      }
      out[to + 3] = over ? 255 * over.opacity * Math.min(1, Math.abs(value) / (most || 1)) : 255;
    }
  }
  return out;
}

/** Whether any value of a tile is not a number. */
export function hasNaN({ rasters }: Pick<Tile, 'rasters'>): boolean {
  return rasters.some(({ data, width, height, at }) => {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (Number.isNaN(data[at(x, y)])) return true;
    return false;
  });
}

/** The largest absolute finite value. */
export function largest({ data, width, height, at }: Raster): number {
  let most = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const size = Math.abs(data[at(x, y)]!);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most;
}

/** The page's inks. */
export interface TileInk {
  text: string;
  muted: string;
  border: string;
  hatch: string;
  mat: string;
  ground: string;
  accent: string;
  wrong: string;
  font: string;
  dark: boolean;
}

export function drawTiles(context: CanvasRenderingContext2D, tiles: readonly Tile[], layout: TileLayout, scale: Scale, ink: TileInk, ratio: number): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = ink.font;
  context.textBaseline = 'alphabetic';
  const small = document.createElement('canvas');
  tiles.forEach((tile, k) => {
    const [left, top] = tilePlace(layout, k);
    const [{ width, height }] = tile.rasters;
    [small.width, small.height] = [width, height];
    small.getContext('2d')?.putImageData(new ImageData(paintTile(tile, scale, ink.dark), width, height), 0, 0);
    hatch(context, left, top, layout.width, layout.height, ink.hatch);
    context.imageSmoothingEnabled = layout.scale < 1;
    if (tile.over) context.drawImage(tile.over.image, left, top, layout.width, layout.height);
    context.drawImage(small, left, top, layout.width, layout.height);
    context.fillStyle = ink.hatch;
    for (let slice = 1; slice < (tile.slices ?? 1); slice++) context.fillRect(left, top + Math.round((slice * layout.height) / tile.slices!), layout.width, 1);
    context.strokeStyle = ink.border;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, layout.width + 1, layout.height + 1);
    drawCaption(context, tile, left, top + layout.height, Math.max(layout.width, layout.stepX - GAP), ink);
  });
}

/** What is not a number. */
export function hatch(context: CanvasRenderingContext2D, left: number, top: number, width: number, height: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.save();
  context.beginPath();
  context.rect(left, top, width, Math.max(0, height));
  context.clip();
  context.beginPath();
  for (let x = left - height; x < left + width; x += 6) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
}

function drawCaption(context: CanvasRenderingContext2D, tile: Tile, left: number, top: number, width: number, ink: TileInk): void {
  const base = top + 13;
  context.fillStyle = ink.muted;
  context.fillText(tile.caption, left, base);
  const taken = context.measureText(tile.caption).width + 4;
  if (tile.value && taken + context.measureText(tile.value).width <= width) {
    context.textAlign = 'right';
    context.fillText(tile.value, left + width, base);
    context.textAlign = 'left';
  }
  if (tile.line) drawLine(context, tile.line, left + Math.max(taken, width - 44), left + width, base, ink);
}

const LINE_HEIGHT = 10;

/** A line over the epochs with a dot at the shown one. */
function drawLine(context: CanvasRenderingContext2D, { values, most, at }: NonNullable<Tile['line']>, from: number, to: number, base: number, ink: TileInk): void {
  if (to - from < 12 || values.length < 2 || !(most > 0)) return;
  const x = (k: number): number => from + ((to - from - 2) * k) / (values.length - 1);
  const y = (k: number): number => base - (LINE_HEIGHT * values[k]!) / most;
  context.beginPath();
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) context.lineTo(x(k), y(k));
  }
  context.strokeStyle = ink.muted;
  context.stroke();
  if (!Number.isFinite(values[at])) return;
  context.fillStyle = ink.accent;
  context.beginPath();
  context.arc(x(at), y(at), 2, 0, 2 * Math.PI);
  context.fill();
}
