import { HIDDEN, type Points } from './points';
import { type Viewport } from './viewport';

/** A closed line: pairs x, y in CSS pixels of the plot. */
export type Polygon = readonly number[];

export function boxOf(x0: number, y0: number, x1: number, y1: number): Polygon {
  return [x0, y0, x1, y0, x1, y1, x0, y1];
}

/** The edges of a polygon by the pixel rows that they cross: few are tried for each point. */
class Rows {
  readonly top: number;
  readonly left: number;
  readonly right: number;
  private readonly edges: number[][];

  constructor(private readonly polygon: Polygon) {
    let [top, bottom, left, right] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let k = 0; k < polygon.length; k += 2) {
      [left, right] = [Math.min(left, polygon[k]!), Math.max(right, polygon[k]!)];
      [top, bottom] = [Math.min(top, polygon[k + 1]!), Math.max(bottom, polygon[k + 1]!)];
    }
    [this.top, this.left, this.right] = [Math.floor(top), left, right];
    const height = bottom >= top ? Math.floor(bottom) - this.top + 1 : 0;
    this.edges = Array.from({ length: height }, () => []);
    for (let k = 0; k < polygon.length; k += 2) this.put(k);
  }

  private put(k: number): void {
    const [y0, y1] = [this.polygon[k + 1]!, this.polygon[this.following(k) + 1]!];
    const from = Math.floor(Math.min(y0, y1)) - this.top;
    const to = Math.floor(Math.max(y0, y1)) - this.top;
    for (let row = from; row <= to; row++) this.edges[row]?.push(k);
  }

  private following(k: number): number {
    return (k + 2) % this.polygon.length;
  }

  /** Even-odd: a loop within a loop is outside. */
  holds(x: number, y: number): boolean {
    if (x < this.left || x > this.right) return false;
    let inside = false;
    for (const k of this.edges[Math.floor(y) - this.top] ?? []) {
      const next = this.following(k);
      const [x0, y0, x1, y1] = [this.polygon[k]!, this.polygon[k + 1]!, this.polygon[next]!, this.polygon[next + 1]!];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    }
    return inside;
  }
}

/** 1 for every visible point whose centre lies within `polygon`, where it is drawn now. */
export function enclosed(points: Points, viewport: Viewport, polygon: Polygon): Uint8Array {
  const { from, to, t, flags, count } = points;
  const mask = new Uint8Array(count);
  const rows = new Rows(polygon);
  const { scale, x, y, width, height } = viewport;
  for (let i = 0; i < count; i++) {
    if (flags[i]! & HIDDEN) continue;
    const ax = from[2 * i]!;
    const ay = from[2 * i + 1]!;
    const px = width / 2 + (ax + (to[2 * i]! - ax) * t - x) * scale;
    const py = height / 2 - (ay + (to[2 * i + 1]! - ay) * t - y) * scale;
    if (px === px && py === py && rows.holds(px, py)) mask[i] = 1;
  }
  return mask;
}
