import { type TileCache, type TileSource, type TileStyle, drawTiles, fillRaster } from '../../draw/tiles';
import { TileCache as Cache } from '../../draw/tiles';
import { type Ink } from '../../draw/points';
import { type Tween, positionsAt, retarget, still } from '../../draw/tween';
import { type Viewport, toData, toScreen } from '../../draw/viewport';
import { Camera } from '../../elements/scatter/camera';
import { type FacetLayout, sampleAt } from './layout';

const MOVE_MS = 400;
/** Sides in CSS pixels from which images have a border of one and two pixels, and a text. */
const BORDER_FROM = 6;
const WIDE_BORDER_FROM = 24;
const TEXT_FROM = 56;
const TEXT_HEIGHT = 15;
/** Share of its place that an image and its border fill. */
const FILL = 0.92;
/** 256ths of its colour over an image without a border. */
const TINT = 112;

/** Pictures to draw, the best fit first, and the way to ask for those that are not here. */
export interface Pictures {
  sources(size: number): readonly (TileSource & { want(samples: Iterable<number>): void })[];
}

export interface FacetLook {
  /** Four bytes a sample: red, green, blue, kind of body. */
  colours: Uint8Array;
  flags: Uint8Array;
  someSelected: boolean;
  ink: Ink;
}

/** Images in cells, on one canvas in `host`. */
export class FacetPlot {
  private readonly canvas = document.createElement('canvas');
  private readonly context = this.canvas.getContext('2d', { alpha: false });
  private readonly camera = new Camera();
  private readonly caches = new Map<TileSource, TileCache>();
  private image: ImageData | null = null;
  private layout: FacetLayout | null = null;
  private tween: Tween = still(new Float32Array(0));
  private look: FacetLook | null = null;
  private text: (index: number) => string = () => '';
  private marked: readonly [number | null, number | null] = [null, null];
  private unit = 1;
  private active = true;
  private frame = 0;

  constructor(
    host: HTMLElement,
    private readonly pictures: Pictures,
    /** Cells in the shape of one image: width over height. */
    private readonly shape: number,
    private readonly onView: (viewport: Viewport) => void,
  ) {
    this.canvas.dataset['renderer'] = 'tiles';
    host.append(this.canvas);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  /** Images glide to their new places; those that were not shown appear there. */
  setLayout(layout: FacetLayout): void {
    const now = performance.now();
    const moved = this.layout !== null && this.layout.xy.length === layout.xy.length;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.tween = moved && !calm ? retarget(this.tween, layout.xy, now, MOVE_MS) : still(layout.xy);
    this.layout = layout;
    this.camera.setLimits(layout.limits, true);
    this.redraw();
  }

  setLook(look: FacetLook): void {
    this.look = look;
    this.redraw();
  }

  /** What stands in an image that is large enough. */
  setText(text: (index: number) => string): void {
    this.text = text;
    this.redraw();
  }

  /** The focused and the hovered sample. */
  setMarked(focused: number | null, hovered: number | null): void {
    this.marked = [focused, hovered];
    this.redraw();
  }

  setActive(active: boolean): void {
    this.active = active;
    this.redraw();
  }

  resize(width: number, height: number, unit: number): void {
    if (width < 1 || height < 1) return;
    this.unit = unit;
    this.camera.resize(width, height);
    [this.canvas.width, this.canvas.height] = [Math.round(width * unit), Math.round(height * unit)];
    this.paint(performance.now());
  }

  fit(): void {
    this.camera.fit(performance.now(), true);
    this.redraw();
  }

  panBy(dx: number, dy: number): void {
    this.camera.panBy(dx, dy, performance.now());
    this.redraw();
  }

  zoomBy(factor: number, px?: number, py?: number): void {
    this.camera.zoomBy(factor, performance.now(), px, py);
    this.redraw();
  }

  pickAt(px: number, py: number): number | null {
    if (!this.layout) return null;
    return sampleAt(this.layout, ...toData(this.camera.at(performance.now()), px, py));
  }

  /** Where a sample's image is, in CSS pixels: its centre. */
  screenOf(index: number): [number, number] | null {
    const [x, y] = [this.tween.to[2 * index], this.tween.to[2 * index + 1]];
    if (x === undefined || y === undefined || Number.isNaN(x)) return null;
    return toScreen(this.camera.at(performance.now()), x, y);
  }

  toPng(): Promise<Blob | null> {
    this.paint(performance.now());
    return new Promise((resolve) => this.canvas.toBlob(resolve));
  }

  redraw(): void {
    if (!this.active || this.frame !== 0) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = 0;
      if (this.active) this.paint(now);
    });
  }

  private paint(now: number): void {
    const { context, look, layout } = this;
    const { width, height } = this.canvas;
    if (!context || !look || !layout || width === 0) return;
    if (this.image?.width !== width || this.image.height !== height) this.image = context.createImageData(width, height);
    const viewport = this.camera.at(now);
    const raster = { width, height, pixels: this.image.data };
    fillRaster(raster, look.ink.ground);
    const style = this.style(viewport.scale);
    const centres = this.centres(viewport, now);
    const order = this.inSight(centres, style);
    const sources = this.pictures.sources(Math.max(style.width, style.height));
    for (const source of sources) source.want(order);
    const tiles = { centres, colours: look.colours, flags: look.flags, order };
    drawTiles(raster, sources, tiles, style, look.ink, look.someSelected, this.cacheOf(sources[0]));
    context.putImageData(this.image, 0, 0);
    this.paintAbove(context, centres, order, style, look.ink);
    this.onView(viewport);
    const moving = this.tween.duration > 0 && now < this.tween.start + this.tween.duration;
    if (moving || this.camera.isMoving(now)) this.redraw();
    else this.tween = still(this.tween.to);
  }

  /** A cache a level: zooming back and forth keeps both. */
  private cacheOf(source: TileSource | undefined): TileCache {
    if (!source) return new Cache();
    const cache = this.caches.get(source) ?? new Cache();
    this.caches.set(source, cache);
    return cache;
  }

  private style(scale: number): TileStyle {
    const side = scale * FILL;
    const lines = side >= WIDE_BORDER_FROM ? 2 : side >= BORDER_FROM ? 1 : 0;
    const border = Math.round(lines * this.unit);
    // The smallest touch: whole pixels would leave lines of ground between some of them.
    const room = border === 0 ? Math.ceil(scale * this.unit) : side * this.unit - 2 * border;
    const round = border === 0 ? Math.ceil : Math.round;
    const width = Math.max(1, round(room * Math.min(1, this.shape)));
    const height = Math.max(1, round(room * Math.min(1, 1 / this.shape)));
    return { width, height, border, tint: border === 0 ? TINT : 0 };
  }

  private centres(viewport: Viewport, now: number): Float32Array {
    const xy = positionsAt(this.tween, now);
    const out = new Float32Array(xy.length);
    const scale = viewport.scale * this.unit;
    const left = (viewport.width / 2) * this.unit - viewport.x * scale;
    const top = (viewport.height / 2) * this.unit + viewport.y * scale;
    for (let i = 0; i < xy.length; i += 2) {
      out[i] = left + xy[i]! * scale;
      out[i + 1] = top - xy[i + 1]! * scale;
    }
    return out;
  }

  private inSight(centres: Float32Array, style: TileStyle): Uint32Array {
    const reach = Math.max(style.width, style.height);
    const { width, height } = this.canvas;
    return (this.layout?.order ?? new Uint32Array(0)).filter((i) => {
      const [x, y] = [centres[2 * i]!, centres[2 * i + 1]!];
      return x > -reach && y > -reach && x < width + reach && y < height + reach;
    });
  }

  private paintAbove(
    context: CanvasRenderingContext2D, centres: Float32Array, order: Uint32Array, style: TileStyle, ink: Ink,
  ): void {
    const side = Math.max(style.width, style.height) + 2 * style.border;
    if (side / this.unit >= TEXT_FROM) for (const index of order) this.paintText(context, centres, index, style, ink);
    const [focused, hovered] = this.marked;
    if (hovered !== null) frame(context, centres, hovered, side + 2 * this.unit, this.unit, ink);
    if (focused !== null) {
      frame(context, centres, focused, side + 3 * this.unit, 2 * this.unit, ink);
      frame(context, centres, focused, Math.max(side, 12 * this.unit) + 9 * this.unit, this.unit, ink);
    }
  }

  private paintText(context: CanvasRenderingContext2D, centres: Float32Array, index: number, style: TileStyle, ink: Ink): void {
    const text = this.text(index);
    if (text === '') return;
    const high = TEXT_HEIGHT * this.unit;
    const left = centres[2 * index]! - style.width / 2;
    const bottom = centres[2 * index + 1]! + style.height / 2;
    context.fillStyle = `rgb(${ink.ground.join(' ')} / 85%)`;
    context.fillRect(left, bottom - high, style.width, high);
    context.font = `${11 * this.unit}px Roboto, system-ui, sans-serif`;
    context.fillStyle = `rgb(${ink.ink.join(' ')})`;
    context.fillText(fitting(context, text, style.width - 6 * this.unit), left + 3 * this.unit, bottom - 4 * this.unit);
  }
}

function frame(context: CanvasRenderingContext2D, centres: Float32Array, index: number, side: number, line: number, ink: Ink): void {
  const [x, y] = [centres[2 * index], centres[2 * index + 1]];
  if (x === undefined || y === undefined || Number.isNaN(x)) return;
  context.lineWidth = line;
  context.strokeStyle = `rgb(${ink.ink.join(' ')})`;
  context.strokeRect(x - side / 2, y - side / 2, side, side);
}

/** `text`, cut with an ellipsis to `width` pixels. */
function fitting(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
