/** The part of the plane that a plot shows. One unit is equally long on both axes; y points up. */
export interface Viewport {
  /** Centre, in data units. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels per data unit. */
  readonly scale: number;
  /** Size of the plot in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** x0, x1, y0, y1 in data units. */
export type Limits = readonly [number, number, number, number];

const MIN_ZOOM = 0.25;
const MAX_ZOOM = 4096;

/** The viewport that shows all of `limits` with a margin in CSS pixels. */
export function fitViewport(limits: Limits, width: number, height: number, margin = 16): Viewport {
  const [x0, x1, y0, y1] = limits.every(Number.isFinite) ? limits : [-1, 1, -1, 1];
  const room = (side: number): number => Math.max(1, side - 2 * margin);
  const scale = Math.min(room(width) / Math.abs(x1 - x0), room(height) / Math.abs(y1 - y0));
  return {
    x: (x0 + x1) / 2,
    y: (y0 + y1) / 2,
    scale: Number.isFinite(scale) && scale > 0 ? scale : 1,
    width,
    height,
  };
}

export function toScreen(viewport: Viewport, x: number, y: number): [number, number] {
  return [
    viewport.width / 2 + (x - viewport.x) * viewport.scale,
    viewport.height / 2 - (y - viewport.y) * viewport.scale,
  ];
}

export function toData(viewport: Viewport, px: number, py: number): [number, number] {
  return [
    viewport.x + (px - viewport.width / 2) / viewport.scale,
    viewport.y - (py - viewport.height / 2) / viewport.scale,
  ];
}

/** Moves the picture by CSS pixels, as a drag does. */
export function pan(viewport: Viewport, dx: number, dy: number): Viewport {
  return {
    ...viewport,
    x: viewport.x - dx / viewport.scale,
    y: viewport.y + dy / viewport.scale,
  };
}

/** Zooms by `factor` so that what is under the pixel stays there; bounded relative to `fit`. */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  px: number,
  py: number,
  fit: Viewport,
): Viewport {
  const scale = Math.min(
    fit.scale * MAX_ZOOM,
    Math.max(fit.scale * MIN_ZOOM, viewport.scale * factor),
  );
  const [x, y] = toData(viewport, px, py);
  return {
    ...viewport,
    scale,
    x: x - (px - viewport.width / 2) / scale,
    y: y + (py - viewport.height / 2) / scale,
  };
}

/** The same part of the plane, as zoomed against its fit as before, in a plot of another size. */
export function resizeViewport(viewport: Viewport, before: Viewport, after: Viewport): Viewport {
  return {
    ...viewport,
    scale: (viewport.scale / before.scale) * after.scale,
    width: after.width,
    height: after.height,
  };
}

/** Between two viewports, 0 <= t <= 1; the zoom moves evenly in its logarithm. */
export function mixViewports(from: Viewport, to: Viewport, t: number): Viewport {
  if (t >= 1) return to;
  const mix = (a: number, b: number): number => a + (b - a) * t;
  return {
    x: mix(from.x, to.x),
    y: mix(from.y, to.y),
    scale: from.scale * (to.scale / from.scale) ** t,
    width: to.width,
    height: to.height,
  };
}

/** Limits that hold all finite points of `xy` (pairs); [-1, 1] on both axes without any. */
export function limitsOf(xy: Float32Array): Limits {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i + 1 < xy.length; i += 2) {
    const x = xy[i]!;
    const y = xy[i + 1]!;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  return x0 <= x1 ? [x0, x1, y0, y1] : [-1, 1, -1, 1];
}

/** Positions that look in viewport `after` as `xy` did in `before`. */
export function reprojected(xy: Float32Array, before: Viewport, after: Viewport): Float32Array {
  if (before.x === after.x && before.y === after.y && before.scale === after.scale) return xy;
  const out = new Float32Array(xy.length);
  for (let i = 0; i + 1 < xy.length; i += 2) {
    const [px, py] = toScreen(before, xy[i]!, xy[i + 1]!);
    const [x, y] = toData(after, px, py);
    out[i] = x;
    out[i + 1] = y;
  }
  return out;
}
