import { type Ink, type PointStyle, type Points } from '../../draw/points';
import { GlPoints, isSoftware } from '../../draw/points_gl';
import { StampCache, splat } from '../../draw/splat';
import { type Viewport } from '../../draw/viewport';

/** A canvas that shows points, by whichever means is the fastest here. */
export interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly kind: 'gl' | 'cpu';
  /** `unit` is device pixels per CSS pixel; the canvas has been sized accordingly. */
  draw(
    points: Points,
    viewport: Viewport,
    style: PointStyle,
    ink: Ink,
    unit: number,
    someSelected: boolean,
  ): void;
}

function newCanvas(kind: Surface['kind']): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.dataset['renderer'] = kind;
  return canvas;
}

/** Null where WebGL2 is missing or emulated, or its shaders do not compile. */
function glSurface(): Surface | null {
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
    return null;
  }
  try {
    const points = new GlPoints(gl);
    return { canvas, kind: 'gl', draw: (...what) => points.draw(...what) };
  } catch (error) {
    console.warn('CNN Vis draws on the CPU:', error);
    return null;
  }
}

export function cpuSurface(): Surface {
  const canvas = newCanvas('cpu');
  const context = canvas.getContext('2d', { alpha: false });
  const stamps = new StampCache();
  let image: ImageData | null = null;
  return {
    canvas,
    kind: 'cpu',
    draw: (points, viewport, style, ink, unit, someSelected) => {
      const { width, height } = canvas;
      if (context === null || width === 0 || height === 0) return;
      if (image === null || image.width !== width || image.height !== height) {
        image = context.createImageData(width, height);
      }
      const raster = { width, height, pixels: image.data };
      splat(raster, points, viewport, style, ink, unit, someSelected, stamps);
      context.putImageData(image, 0, 0);
    },
  };
}

export function bestSurface(): Surface {
  return glSurface() ?? cpuSurface();
}
