/** Where every image lies: cells of a grid of two fields, images stacked in each. */

import { type Limits } from '../../draw/viewport';
import { type Field } from './fields';

/** A column or a row of cells; lengths in images. */
export interface Band {
  label: string;
  start: number;
  size: number;
  /** Images in it. */
  count: number;
}

export interface FacetLayout {
  columns: readonly Band[];
  /** From the top down: `start` grows downwards. */
  rows: readonly Band[];
  /** Images in each cell, row by row. */
  counts: Int32Array;
  /** Centre of every sample's image, x to the right and y up; NaN where it is not shown. */
  xy: Float32Array;
  /** Shown samples, cell by cell, as they are stacked. */
  order: Uint32Array;
  limits: Limits;
}

/** Between cells, in images, at least; and the share of a cell's width. */
const LEAST_GAP = 0.75;
const GAP_SHARE = 0.08;

export interface LayoutRequest {
  across: Field;
  down: Field;
  /** 1 where the sample is shown. */
  shown: Uint8Array;
  /** Within a cell images are stacked by this, then by index. */
  rank: ArrayLike<number>;
  /** Width over height of the view. */
  aspect: number;
}

/** Empty columns and rows are left out. */
export function layoutFacets(request: LayoutRequest): FacetLayout {
  const { across, down, shown, rank } = request;
  const [nx, ny] = [across.labels.length, down.labels.length];
  const counts = new Int32Array(nx * ny);
  const order = cellOrder(request, counts);
  const [keptX, keptY] = [occupied(counts, nx, ny, 'x'), occupied(counts, nx, ny, 'y')];
  const widest = bestWidth(counts, nx, keptX, keptY, request.aspect);
  const gap = Math.max(LEAST_GAP, GAP_SHARE * widest);
  const columns = bands(keptX, across, () => widest, (x) => sum(keptY, (y) => counts[y * nx + x]!), gap);
  const heights = (y: number): number => rowHeight(counts, nx, keptX, y, widest);
  const rows = bands(keptY, down, heights, (y) => sum(keptX, (x) => counts[y * nx + x]!), gap);
  const startX = starts(keptX, columns, nx);
  const startY = starts(keptY, rows, ny);
  const xy = new Float32Array(2 * shown.length).fill(NaN);
  const placed = new Int32Array(nx * ny);
  for (const index of order) {
    const [x, y] = [across.codes[index]!, down.codes[index]!];
    const at = placed[y * nx + x]!++;
    xy[2 * index] = startX[x]! + (at % widest) + 0.5;
    xy[2 * index + 1] = -(startY[y]! + Math.floor(at / widest) + 0.5);
  }
  const kept = Int32Array.from(keptY.flatMap((y) => keptX.map((x) => counts[y * nx + x]!)));
  return { columns, rows, counts: kept, xy, order, limits: limitsOf(columns, rows) };

  function cellOrder({ across: a, down: d, shown: s }: LayoutRequest, into: Int32Array): Uint32Array {
    const members: number[] = [];
    for (let i = 0; i < s.length; i++) if (s[i]) {
      members.push(i);
      into[d.codes[i]! * nx + a.codes[i]!]!++;
    }
    const cell = (i: number): number => d.codes[i]! * nx + a.codes[i]!;
    const key = (i: number): number => (Number.isNaN(rank[i]!) ? Infinity : rank[i]!);
    return Uint32Array.from(members).sort((i, j) => cell(i) - cell(j) || compare(key(i), key(j)) || i - j);
  }
}

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
const sum = (of: readonly number[], value: (code: number) => number): number => of.reduce((total, code) => total + value(code), 0);

function occupied(counts: Int32Array, nx: number, ny: number, axis: 'x' | 'y'): number[] {
  const seen = new Uint8Array(axis === 'x' ? nx : ny);
  counts.forEach((count, at) => {
    if (count > 0) seen[axis === 'x' ? at % nx : Math.floor(at / nx)] = 1;
  });
  return [...seen.keys()].filter((code) => seen[code]);
}

function rowHeight(counts: Int32Array, nx: number, keptX: readonly number[], y: number, widest: number): number {
  return keptX.reduce((most, x) => Math.max(most, Math.ceil(counts[y * nx + x]! / widest)), 1);
}

/** Images across a cell that make them the largest where all is to be seen at once. */
function bestWidth(
  counts: Int32Array, nx: number, keptX: readonly number[], keptY: readonly number[], aspect: number,
): number {
  const most = counts.reduce((max, count) => Math.max(max, count), 1);
  let [best, bestSide] = [1, Infinity];
  for (let width = 1; width <= most; width += Math.max(1, Math.floor(width / 24))) {
    const gap = Math.max(LEAST_GAP, GAP_SHARE * width);
    const total = keptX.length * (width + gap);
    const high = keptY.reduce((height, y) => height + rowHeight(counts, nx, keptX, y, width) + gap, 0);
    const side = Math.max(total / aspect, high);
    if (side < bestSide) [best, bestSide] = [width, side];
  }
  return best;
}

function bands(
  codes: readonly number[], field: Field, size: (code: number) => number, count: (code: number) => number, gap: number,
): Band[] {
  let at = 0;
  return codes.map((code) => {
    const band = { label: field.labels[code] ?? '', start: at, size: size(code), count: count(code) };
    at += band.size + gap;
    return band;
  });
}

function starts(codes: readonly number[], kept: readonly Band[], total: number): Float64Array {
  const found = new Float64Array(total);
  codes.forEach((code, k) => (found[code] = kept[k]!.start));
  return found;
}

function limitsOf(columns: readonly Band[], rows: readonly Band[]): Limits {
  const end = (list: readonly Band[]): number => (list.at(-1)?.start ?? 0) + (list.at(-1)?.size ?? 1);
  return [0, end(columns), -end(rows), 0];
}

/** The shown sample whose image holds a place, or null. */
export function sampleAt({ xy, order }: FacetLayout, x: number, y: number): number | null {
  for (const index of order) {
    if (Math.abs(xy[2 * index]! - x) <= 0.5 && Math.abs(xy[2 * index + 1]! - y) <= 0.5) return index;
  }
  return null;
}
