import { HOLLOW, MISSING, SELECTED, WRONG, type Ink } from './points';

/**
 * The picture of one point, in device pixels. `points_gl.ts` says the same in GLSL: change both.
 *
 * A body of radius r with a rim over it; selected adds an ink outline, wrong a ring beyond a gap
 * and, from 7 CSS pixels on, a cross on the body.
 */
export interface Shape {
  readonly radius: number;
  /** Device pixels per CSS pixel. */
  readonly unit: number;
  readonly flags: number;
  /** DISC, HOLLOW or MISSING, and four times the form. */
  readonly body: number;
  /** Opacity of the body and of the ring. */
  readonly opacity: number;
  /** Opacity of everything: below 1 for what is not selected while something is. */
  readonly dim: number;
}

export const OUTLINE = 1.3;
export const GAP = 1;
export const RING = 1;
export const RING_ALPHA = 0.85;
export const CROSS_FROM = 7;

/** How far a form's corners reach beyond a disc of the same area, and its marks' corners. */
export const FORM_REACH = 1.45;
export const MARK_REACH = 2;

/** Distance from the centre to the outermost mark, in device pixels. */
export function extent(radius: number, unit: number, flags: number, form = 0): number {
  const outline = flags & SELECTED ? OUTLINE * unit : 0;
  const ring = flags & WRONG ? (GAP + RING) * unit : 0;
  return form === 0 ? radius + outline + ring : FORM_REACH * radius + MARK_REACH * (outline + ring);
}

const COS_30 = 0.8660254;

/** As far from the edge of a form (outside: beyond `radius`) as a disc's pixel is at this distance. */
export function formDistance(form: number, radius: number, x: number, y: number): number {
  const [ax, ay] = [Math.abs(x), Math.abs(y)];
  if (form === 1) return Math.max(ax, ay) + 0.114 * radius;
  if (form === 2) return Math.max(y, COS_30 * ax - 0.5 * y) + 0.28 * radius;
  if (form === 3) return (ax + ay) * Math.SQRT1_2 + 0.114 * radius;
  if (form === 4) return plusDistance(ax, ay, radius);
  if (form === 5) return plusDistance(Math.abs(x + y) * Math.SQRT1_2, Math.abs(x - y) * Math.SQRT1_2, radius);
  return Math.hypot(x, y);
}

function plusDistance(x: number, y: number, radius: number): number {
  return radius + Math.min(
    Math.max(x - 1.25 * radius, y - 0.42 * radius),
    Math.max(y - 1.25 * radius, x - 0.42 * radius),
  );
}

/** Share of a pixel at `distance` from the centre that lies inside a circle. */
function inside(radius: number, distance: number): number {
  return Math.min(1, Math.max(0, radius - distance + 0.5));
}

function band(inner: number, outer: number, distance: number): number {
  return Math.max(0, inside(outer, distance) - inside(inner, distance));
}

/** Red, green, blue (premultiplied, 0 to 255), share of the point's own colour, alpha. */
export type Pixel = [number, number, number, number, number];

/** What a point lays over the pixel at (dx, dy) from its centre. */
export function stampPixel(shape: Shape, ink: Ink, dx: number, dy: number): Pixel {
  const { radius, unit, flags, opacity, dim } = shape;
  const body = shape.body & 3;
  const form = shape.body >> 2;
  const out: Pixel = [0, 0, 0, 0, 0];
  const over = (colour: readonly number[] | null, alpha: number): void => {
    for (let k = 0; k < 5; k++) out[k]! *= 1 - alpha;
    if (colour === null) out[3] += alpha;
    else for (let k = 0; k < 3; k++) out[k]! += colour[k]! * alpha;
    out[4] += alpha;
  };
  const distance = formDistance(form, radius, dx, dy);
  const filled = inside(radius, distance);
  const rim = Math.min(unit, 0.35 * radius);
  if (body === HOLLOW || body === MISSING) {
    over(null, filled * 0.18);
    over(null, band(radius - Math.max(unit * 1.2, rim), radius, distance));
  } else {
    over(null, filled);
    over(ink.edge, band(radius - rim, radius, distance) * ink.edgeAlpha);
  }
  if (body === MISSING) over(null, inside(unit * 0.6, Math.abs(dx + dy) * Math.SQRT1_2) * filled);
  const crossed = (flags & WRONG) !== 0 && 2 * radius >= CROSS_FROM * unit - 0.01;
  if (crossed) {
    const diagonal = Math.min(Math.abs(dx - dy), Math.abs(dx + dy)) * Math.SQRT1_2;
    over(ink.ground, inside(unit * 0.5, diagonal) * inside(radius - rim, distance) * 0.9);
  }
  for (let k = 0; k < 5; k++) out[k]! *= opacity;
  let edge = radius;
  if (flags & SELECTED) {
    over(ink.ink, band(edge, edge + OUTLINE * unit, distance));
    edge += OUTLINE * unit;
  }
  if (flags & WRONG) {
    over(ink.wrong, band(edge + GAP * unit, edge + (GAP + RING) * unit, distance) * RING_ALPHA * opacity);
  }
  for (let k = 0; k < 5; k++) out[k]! *= dim;
  return out;
}
