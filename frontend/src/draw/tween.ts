/** A movement of all points from one layout to another. `from` and `to` are pairs x, y. */
export interface Tween {
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** Milliseconds, on the clock of requestAnimationFrame. */
  readonly start: number;
  readonly duration: number;
}

export function cubicOut(t: number): number {
  return 1 - (1 - t) ** 3;
}

/** Eased progress, 0 to 1. */
export function progress(tween: Tween, now: number): number {
  if (tween.duration <= 0) return 1;
  return cubicOut(Math.min(1, Math.max(0, (now - tween.start) / tween.duration)));
}

export function still(xy: Float32Array): Tween {
  return { from: xy, to: xy, start: 0, duration: 0 };
}

/** Where all points are on their way. */
export function positionsAt(tween: Tween, now: number): Float32Array {
  const t = progress(tween, now);
  if (t >= 1) return tween.to;
  const { from, to } = tween;
  const xy = new Float32Array(to.length);
  for (let i = 0; i < to.length; i++) xy[i] = from[i]! + (to[i]! - from[i]!) * t;
  return xy;
}

/**
 * A new goal for a movement that may be under way: it goes on from where the points are now.
 * A point that was nowhere appears at its goal; layouts of different lengths cut.
 */
export function retarget(tween: Tween, to: Float32Array, now: number, duration: number): Tween {
  const at = positionsAt(tween, now);
  if (at.length !== to.length || duration <= 0) return still(to);
  const from = new Float32Array(to.length);
  for (let i = 0; i + 1 < to.length; i += 2) {
    const known = Number.isFinite(at[i]!) && Number.isFinite(at[i + 1]!);
    from[i] = known ? at[i]! : to[i]!;
    from[i + 1] = known ? at[i + 1]! : to[i + 1]!;
  }
  return { from, to, start: now, duration };
}

/** Number of points without finite coordinates. */
export function countNonFinite(xy: Float32Array): number {
  let count = 0;
  for (let i = 0; i + 1 < xy.length; i += 2) {
    if (!Number.isFinite(xy[i]!) || !Number.isFinite(xy[i + 1]!)) count++;
  }
  return count;
}
