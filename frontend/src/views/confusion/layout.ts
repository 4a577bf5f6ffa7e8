/** Where cells, names and numbers of the matrix are, and what lies under the pointer. */

export interface Layout {
  width: number;
  height: number;
  /** Corner and side of the square of cells. */
  left: number;
  top: number;
  side: number;
  /** Classes. */
  size: number;
}

/** What part of the matrix fills the square. */
export interface Viewport {
  /** 1 shows it whole. */
  zoom: number;
  /** Position at the left and the upper edge. */
  x: number;
  y: number;
}

export const WHOLE: Viewport = { zoom: 1, x: 0, y: 0 };
export const LEGEND = 50;
/** Cells from this side on have numbers, and gaps between them. */
export const NUMBERED = 24;
export const GAPPED = 8;
/** Of a cell in a whole matrix of few classes, and when zoomed in furthest. */
const LARGEST_CELL = 140;
const LARGEST = 40;
const ROOT_HALF = Math.SQRT1_2;
/** From the cells to the slanted names: the swatches lie between. */
export const NAMES_ABOVE = 20;

/** The largest square; its cells are whole pixels from 8 on. `name` is the width of the longest name. */
export function layoutOf(width: number, height: number, size: number, name: number): Layout {
  const longest = Math.min(name, width > 520 ? 104 : 64);
  const left = Math.max(80, longest + 30);
  const above = Math.max(28, NAMES_ABOVE + 10 + ROOT_HALF * Math.min(name, width > 520 ? 120 : 84));
  const right = Math.min(width > 520 ? 40 : 26, ROOT_HALF * longest);
  const most = Math.max(40, Math.min(width - left - right, height - above - LEGEND, LARGEST_CELL * size));
  const side = most / size >= GAPPED ? Math.floor(most / size) * size : most;
  const spare = Math.max(0, width - left - side - right);
  const below = Math.max(0, height - above - side - LEGEND);
  return {
    width, height, size, side,
    left: Math.round(left + spare / 2),
    top: Math.round(above + below / 2),
  };
}

export const cellSide = (layout: Layout, view: Viewport): number => (layout.side / layout.size) * view.zoom;

/** How far it zooms: 1 where all cells are numbered anyway. */
export function mostZoom(layout: Layout): number {
  const cell = layout.side / layout.size;
  return cell >= NUMBERED ? 1 : LARGEST / cell;
}

export function clampView(layout: Layout, { zoom, x, y }: Viewport): Viewport {
  const near = Math.min(mostZoom(layout), Math.max(1, zoom));
  const end = layout.size - layout.size / near;
  const clamp = (at: number): number => Math.min(end, Math.max(0, at));
  return { zoom: near, x: clamp(x), y: clamp(y) };
}

/** Zooms by `factor` and leaves the cell under the pointer in its place. */
export function zoomAt(layout: Layout, view: Viewport, factor: number, px: number, py: number): Viewport {
  const zoom = Math.min(mostZoom(layout), Math.max(1, view.zoom * factor));
  const before = cellSide(layout, view);
  const after = cellSide(layout, { ...view, zoom });
  const moved = (from: number, offset: number): number => from + offset / before - offset / after;
  return clampView(layout, { zoom, x: moved(view.x, px - layout.left), y: moved(view.y, py - layout.top) });
}

/** Scrolls no further than needed to show a position. */
export function reveal(layout: Layout, view: Viewport, { row, column }: Place): Viewport {
  const shown = layout.size / view.zoom;
  const scrolled = (from: number, at: number): number => (at < 0 ? from : Math.max(at + 1 - shown, Math.min(from, at)));
  return clampView(layout, { ...view, x: scrolled(view.x, column), y: scrolled(view.y, row) });
}

/** A cell by its positions; -1 in one of them is the head of a row or column. */
export interface Place {
  row: number;
  column: number;
}

/** What lies at a pixel. Names of columns rise to the right at half a right angle. */
export function placeAt(layout: Layout, view: Viewport, px: number, py: number): Place | null {
  const cell = cellSide(layout, view);
  const inside = (at: number): number => (at >= 0 && at < layout.side ? 0 : -1);
  const row = inside(py - layout.top) < 0 ? -1 : Math.floor(view.y + (py - layout.top) / cell);
  if (py < layout.top) {
    const foot = px - Math.max(0, layout.top - NAMES_ABOVE - py);
    if (inside(foot - layout.left) < 0) return null;
    return { row: -1, column: Math.floor(view.x + (foot - layout.left) / cell) };
  }
  if (row < 0 || row >= layout.size) return null;
  if (px < layout.left) return { row, column: -1 };
  if (inside(px - layout.left) < 0) return null;
  return { row, column: Math.min(layout.size - 1, Math.floor(view.x + (px - layout.left) / cell)) };
}

/** The next place in a direction; the heads lie before the first row and column. */
export function moved(place: Place, key: string, size: number, by = 1): Place | null {
  const [rows, columns] = { ArrowUp: [-by, 0], ArrowDown: [by, 0], ArrowLeft: [0, -by], ArrowRight: [0, by] }[key] ?? [];
  if (rows === undefined || columns === undefined) return null;
  const clamp = (at: number): number => Math.min(size - 1, Math.max(-1, at));
  const next = { row: clamp(place.row + rows), column: clamp(place.column + columns) };
  return next.row < 0 && next.column < 0 ? place : next;
}
