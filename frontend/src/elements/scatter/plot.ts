import { type Polygon, enclosed } from '../../draw/lasso';
import { pick } from '../../draw/picking';
import {
  HIDDEN,
  type Ink,
  type PointStyle,
  type Points,
  type Rgb,
  formedStyle,
  hasForms,
  pointStyle,
} from '../../draw/points';
import { type Tween, positionsAt, progress, retarget, still } from '../../draw/tween';
import { type Trails } from '../../draw/trails';
import { type Limits, type Viewport, reprojected, toScreen } from '../../draw/viewport';
import { Camera } from './camera';
import { Order } from './order';
import { Overlay, pictureOf } from './overlay';
import { type PictureLook, Pictures } from './pictures';
import { Stage } from './stage';

const STEP_MS = 400;
/** While epochs follow one another faster than a step's movement, each is this long. */
const SCRUB_MS = 160;
/** From one state of a layout that forms to the next. */
const FORM_MS = 300;
const PICK_RADIUS = 8;

export interface Layout {
  /** Pairs x, y, indexed by sample. */
  readonly xy: Float32Array;
  readonly limits: Limits;
  /** What is shown: layouts of another source have other axes. */
  readonly source: string;
  /** The samples that it holds, ascending; null: all. */
  readonly index?: Int32Array | null;
  /** It is still changing. */
  readonly forming?: boolean;
}

const PLAIN: Ink = {
  ground: [255, 255, 255],
  ink: [33, 33, 33],
  wrong: [198, 40, 40],
  edge: [0, 0, 0],
  edgeAlpha: 0.25,
};

function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** A scatter plot in `host`: the points, and the few marks above them. */
export class ScatterPlot {
  private readonly stage: Stage;
  private tween: Tween = still(new Float32Array(0));
  private layout: Layout | null = null;
  private changed = -Infinity;
  private readonly camera = new Camera();
  private colours: Uint8Array = new Uint8Array(0);
  private formed = false;
  private flags: Uint8Array = new Uint8Array(0);
  private readonly order = new Order();
  private someSelected = false;
  private readonly overlay = new Overlay();
  private readonly pictures = new Pictures();
  private told = '';
  private ink: Ink = PLAIN;
  private active = true;
  private frame = 0;
  private pointsDirty = true;
  private viewed: Viewport | null = null;

  /** `onPictures` is told how many of the points are drawn as pictures, `onView` what part of the plane is shown, whenever that changes. */
  constructor(
    host: HTMLElement,
    private readonly onPictures: (shown: number, of: number) => void = () => undefined,
    private readonly onView: (viewport: Viewport) => void = () => undefined,
  ) {
    this.stage = new Stage(host, () => this.request());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.stage.detach();
  }

  /** Moves the points to `layout`; the axes stay while the source and its limits do. */
  setLayout(layout: Layout): void {
    const now = performance.now();
    const last = this.layout;
    if (last?.xy === layout.xy) return this.setLimits(layout);
    const duration = reducedMotion() ? 0 : this.durationOf(layout, now);
    const before = this.camera.at(now);
    this.layout = layout;
    this.changed = now;
    this.camera.setLimits(layout.limits, last?.source !== layout.source || !this.camera.isAway);
    if (last === null || last.xy.length !== layout.xy.length) this.tween = still(layout.xy);
    else {
      const from = still(reprojected(positionsAt(this.tween, now), before, this.camera.at(now)));
      this.tween = retarget(from, layout.xy, now, duration);
    }
    this.order.setMembers(layout.xy.length / 2, layout.index ?? null, this.flags);
    this.request();
  }

  /** The same points in other limits. */
  private setLimits(layout: Layout): void {
    if (this.layout?.limits.every((end, k) => end === layout.limits[k])) return;
    this.layout = layout;
    this.camera.setLimits(layout.limits, !this.camera.isAway);
    this.request();
  }

  private durationOf(layout: Layout, now: number): number {
    if (layout.forming && this.layout?.source === layout.source) return FORM_MS;
    return now - this.changed < STEP_MS ? SCRUB_MS : STEP_MS;
  }

  /** Four bytes a point: red, green, blue, kind of body. */
  setColours(colours: Uint8Array): void {
    this.colours = colours;
    this.formed = hasForms(colours);
    this.request();
  }

  setFlags(flags: Uint8Array, someSelected: boolean): void {
    this.flags = flags;
    this.someSelected = someSelected;
    this.order.setFlags(flags);
    this.request();
  }

  setFocused(index: number | null): void {
    this.overlay.focused = index;
    if (this.pictures.look) this.request();
    else this.requestMarks();
  }

  setHovered(index: number | null): void {
    this.overlay.hovered = index;
    this.requestMarks();
  }

  /** Points as pictures, drawn on the CPU; null: as dots. */
  setPictures(look: PictureLook | null): void {
    const [before, best] = [this.pictures.look, this.stage.surface.kind];
    this.pictures.look = look;
    if (look && best === 'gl') this.stage.use(true);
    if (!look && before) this.stage.use(false);
    this.request();
  }

  /** Paths to where some samples are; null: none. */
  setTrails(trails: Trails | null): void {
    this.overlay.trails = trails;
    this.requestMarks();
  }

  /** The line of a lasso under way. */
  setOutline(outline: Polygon | null): void {
    this.overlay.outline = outline;
    this.requestMarks();
  }

  setInk(ink: Ink): void {
    this.ink = ink;
    this.request();
  }

  /** Nothing is drawn while the plot cannot be seen. */
  setActive(active: boolean): void {
    this.active = active;
    if (active) this.request();
  }

  /** CSS pixels, and device pixels per CSS pixel. */
  resize(width: number, height: number, unit: number): void {
    if (width < 1 || height < 1) return;
    this.camera.resize(width, height);
    this.stage.resize(width, height, unit);
    this.paint(performance.now());
  }

  fit(): void {
    this.camera.fit(performance.now(), !reducedMotion());
    this.request();
  }

  panBy(dx: number, dy: number): void {
    this.camera.panBy(dx, dy, performance.now());
    this.request();
  }

  /** About a pixel of the plot, else about its centre. */
  zoomBy(factor: number, px?: number, py?: number): void {
    this.camera.zoomBy(factor, performance.now(), px, py);
    this.request();
  }

  pickAt(px: number, py: number): number | null {
    const now = performance.now();
    const [points, viewport] = [this.points(now), this.camera.at(now)];
    const picture = this.pictures.look && this.pictures.pick(points, viewport, px, py);
    const radius = Math.max(PICK_RADIUS, this.style().diameter / 2 + 3);
    return picture ?? pick(points, viewport, px, py, radius);
  }

  /** 1 for every sample that is drawn within the line. */
  enclosed(line: Polygon): Uint8Array {
    const now = performance.now();
    return enclosed(this.points(now), this.camera.at(now), line);
  }

  /** Where a sample is drawn now, in CSS pixels; null for one that is not. */
  screenOf(index: number): [number, number] | null {
    return this.placeOf(index, performance.now());
  }

  /** Width and height in CSS pixels. */
  get size(): [number, number] {
    return [this.camera.width, this.camera.height];
  }

  /** The picture as shown, with `text` in the corners of the axes: [horizontal, vertical]. */
  toPng(text: readonly [string, string]): Promise<Blob | null> {
    this.paint(performance.now());
    return pictureOf(this.stage.surface.canvases, this.ink, this.stage.unit, text);
  }

  private style(): PointStyle {
    const { zoom, width, height } = this.camera;
    const { length } = this.order.drawn;
    const style = pointStyle(length, zoom, Math.min(width, height));
    return this.formed ? formedStyle(style, length) : style;
  }

  private points(now: number): Points {
    const ready = this.colours.length === 2 * this.tween.to.length;
    const { flags, colours } = this;
    return {
      count: ready ? Math.min(flags.length, this.order.count) : 0,
      from: this.tween.from,
      to: this.tween.to,
      t: progress(this.tween, now),
      colours,
      flags,
      order: ready ? this.order.drawn : new Uint32Array(0),
    };
  }

  private request(): void {
    this.pointsDirty = true;
    this.requestMarks();
  }

  private requestMarks(): void {
    if (!this.active || this.frame !== 0) return;
    this.frame = requestAnimationFrame((now) => {
      this.frame = 0;
      if (!this.active) return;
      if (this.pointsDirty) this.paint(now);
      else this.paintMarks(now);
    });
  }

  private paint(now: number): void {
    this.pointsDirty = false;
    const viewport = this.camera.at(now);
    if (viewport !== this.viewed) this.onView(viewport);
    this.viewed = viewport;
    const points = this.points(now);
    const shown = this.pictures.look ? this.choosePictures(points, viewport) : points;
    this.stage.surface.draw(shown, viewport, this.style(), this.ink, this.stage.unit, this.someSelected);
    if (this.pictures.look) {
      this.stage.surface.over?.((raster) => this.pictures.draw(raster, points, viewport, this.ink, this.stage.unit, this.someSelected));
    }
    this.paintMarks(now);
    if (points.t < 1) this.request();
    else if (this.tween.duration > 0) this.tween = still(this.tween.to);
    if (this.camera.isMoving(now)) this.request();
  }

  /** The points that are left to be dots. */
  private choosePictures(points: Points, viewport: Viewport): Points {
    this.pictures.choose(points, this.order.shuffle, this.overlay.focused, viewport, this.camera.zoom, this.stage.unit);
    const count = this.pictures.count;
    const told = `${count} ${points.order.length}`;
    if (told !== this.told) this.onPictures(count, points.order.length);
    this.told = told;
    return { ...points, order: this.pictures.dots };
  }

  private placeOf(index: number, now: number): [number, number] | null {
    const { from, to, t, count } = this.points(now);
    if (index >= count || this.flags[index]! & HIDDEN) return null;
    const [x0, y0] = [from[2 * index]!, from[2 * index + 1]!];
    const x = x0 + (to[2 * index]! - x0) * t;
    const y = y0 + (to[2 * index + 1]! - y0) * t;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
    return toScreen(this.camera.at(now), x, y);
  }

  private colourOf(index: number): Rgb {
    const { colours } = this;
    return [colours[4 * index] ?? 0, colours[4 * index + 1] ?? 0, colours[4 * index + 2] ?? 0];
  }

  private paintMarks(now: number): void {
    const context = this.stage.surface.marks();
    if (context === null) return;
    context.setTransform(this.stage.unit, 0, 0, this.stage.unit, 0, 0);
    const { pictures } = this;
    const rim = 2 * pictures.border;
    this.overlay.paint(context, {
      width: this.camera.width,
      height: this.camera.height,
      diameter: this.style().diameter,
      ink: this.ink,
      placeOf: (index) => this.placeOf(index, now),
      toScreen: (x, y) => toScreen(this.camera.at(now), x, y),
      colourOf: (index) => this.colourOf(index),
      frameOf: (index) => (pictures.has(index) ? [pictures.width + rim, pictures.height + rim] : null),
    });
  }
}
