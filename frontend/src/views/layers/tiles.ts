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
  /** Why it is marked: drawn as text. */
  mark?: string;
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

/** Values are whole screen pixels where the tile would not leave `side` by much otherwise. */
export function layoutTiles(width: number, height: number, rasterWidth: number, rasterHeight: number, side: number, most = Infinity): TileLayout {
  const exact = side / Math.max(1, rasterWidth, rasterHeight);
  const scale = exact >= 0.75 ? Math.max(1, Math.min(24, Math.round(exact))) : exact;
  const [w, h] = [Math.max(1, Math.round(rasterWidth * scale)), Math.max(1, Math.round(rasterHeight * scale))];
  const [stepX, stepY] = [Math.max(LEAST_STEP, w + GAP), h + CAPTION + 8];
  const columns = Math.max(1, Math.min(most, Math.floor((width - 2 * MARGIN + GAP) / stepX)));
  const rows = Math.max(1, Math.floor((height - MARGIN) / stepY));
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

/** RGBA of a tile. What is not a number stays transparent. */
export function paintTile({ rasters, most }: Pick<Tile, 'rasters' | 'most'>, scale: Scale, dark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const [first, second, third] = rasters;
  const { width, height } = first;
  const out = new Uint8ClampedArray(4 * width * height);
  const ramp = rampOf(scale, dark);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const value = first.data[first.at(x, y)]!;
      if (Number.isNaN(value)) continue;
      if (second && third) {
        [first, second, third].forEach(({ data, at }, k) => (out[to + k] = placeIn('diverging', data[at(x, y)]!, most)));
      } else {
        const from = 3 * Math.round(placeIn(scale, value, most));
        out.set(ramp.subarray(from, from + 3), to);
      }
      out[to + 3] = 255;
    }
  }
  return out;
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
    context.fillStyle = ink.hatch;
    context.fillRect(left, top, layout.width, layout.height);
    context.imageSmoothingEnabled = layout.scale < 1;
    context.drawImage(small, left, top, layout.width, layout.height);
    context.strokeStyle = ink.border;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, layout.width + 1, layout.height + 1);
    drawCaption(context, tile, left, top + layout.height, layout.stepX - GAP, ink);
  });
}

function drawCaption(context: CanvasRenderingContext2D, tile: Tile, left: number, top: number, width: number, ink: TileInk): void {
  const base = top + 13;
  context.fillStyle = ink.muted;
  context.fillText(tile.caption, left, base);
  const taken = context.measureText(tile.caption).width + 4;
  if (tile.mark && taken + context.measureText(tile.mark).width <= width) {
    context.fillStyle = ink.accent;
    context.textAlign = 'right';
    context.fillText(tile.mark, left + width, base);
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
