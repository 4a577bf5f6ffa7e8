import { type Ink, type PointStyle, type Points } from '../../draw/points';
import { GlPoints, isSoftware } from '../../draw/points_gl';
import { type Raster, SplatCache, splat } from '../../draw/splat';
import { type Viewport } from '../../draw/viewport';

/** What shows points and the few marks above them, by whichever means is the fastest here. */
export interface Surface {
  /** From the bottom to the top; the points are on the first. */
  readonly canvases: readonly HTMLCanvasElement[];
  readonly kind: 'gl' | 'cpu';
  /** `unit` is device pixels per CSS pixel; the canvases have been sized accordingly. */
  draw(
    points: Points,
    viewport: Viewport,
    style: PointStyle,
    ink: Ink,
    unit: number,
    someSelected: boolean,
  ): void;
  /** Draws over the points as drawn last; only where they are pixels. */
  over?(paint: (raster: Raster) => void): void;
  /** The points as drawn last, with nothing above them yet: where to draw the marks. */
  marks(): CanvasRenderingContext2D | null;
}

function newCanvas(kind: Surface['kind']): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.dataset['renderer'] = kind;
  return canvas;
}

/** Trying costs tens of milliseconds where GL is emulated: once is enough for all plots. */
let withoutGl = false;

/** Null where WebGL2 is missing or emulated, or its shaders do not compile. */
function glSurface(): Surface | null {
  if (withoutGl) return null;
  const canvas = newCanvas('gl');
  const gl = canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    preserveDrawingBuffer: true,
    failIfMajorPerformanceCaveat: true,
  });
  if (gl === null || isSoftware(gl)) {
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
    withoutGl = true;
    return null;
  }
  try {
    return drawnBy(canvas, new GlPoints(gl));
  } catch (error) {
    console.warn('CNN Vis draws on the CPU:', error);
    return null;
  }
}

function drawnBy(canvas: HTMLCanvasElement, points: GlPoints): Surface {
  const above = document.createElement('canvas');
  above.className = 'scatter-marks';
  return {
    canvases: [canvas, above],
    kind: 'gl',
    draw: (...what) => points.draw(...what),
    marks: () => {
      const context = above.getContext('2d');
      context?.setTransform(1, 0, 0, 1, 0, 0);
      context?.clearRect(0, 0, above.width, above.height);
      return context;
    },
  };
}

/**
 * One canvas, since each layer costs where the page is composed on the CPU too. Not
 * `willReadFrequently`: such a canvas has no layer of its own, and the page around it would be
 * painted again with every frame (measured: 120 ms instead of 13).
 */
export function cpuSurface(): Surface {
  const canvas = newCanvas('cpu');
  const context = canvas.getContext('2d', { alpha: false });
  const stamps = new SplatCache();
  let image: ImageData | null = null;
  return {
    canvases: [canvas],
    kind: 'cpu',
    draw: (points, viewport, style, ink, unit, someSelected) => {
      const { width, height } = canvas;
      if (context === null || width === 0 || height === 0) return;
      if (image === null || image.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
      }
      const raster = { width, height, pixels: image.data };
      splat(raster, points, viewport, style, ink, unit, someSelected, stamps);
    },
    over: (paint) => {
      if (image !== null) paint({ width: image.width, height: image.height, pixels: image.data });
    },
    marks: () => {
      if (image !== null) context?.putImageData(image, 0, 0);
      return context;
    },
  };
}

export function bestSurface(): Surface {
  return glSurface() ?? cpuSurface();
}
