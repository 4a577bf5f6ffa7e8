import { HIDDEN, type Points } from './points';
import { toData, type Viewport } from './viewport';

/** The visible point nearest to a pixel, where it is drawn now; null beyond `radius` pixels. */
export function pick(
  points: Points,
  viewport: Viewport,
  px: number,
  py: number,
  radius: number,
): number | null {
  const { from, to, t, flags, count } = points;
  const [x, y] = toData(viewport, px, py);
  let best = (radius / viewport.scale) ** 2;
  let found: number | null = null;
  for (let i = 0; i < count; i++) {
    if (flags[i]! & HIDDEN) continue;
    const x0 = from[2 * i]!;
    const y0 = from[2 * i + 1]!;
    const dx = x0 + (to[2 * i]! - x0) * t - x;
    const dy = y0 + (to[2 * i + 1]! - y0) * t - y;
    const distance = dx * dx + dy * dy;
    if (distance <= best) {
      best = distance;
      found = i;
    }
  }
  return found;
}
