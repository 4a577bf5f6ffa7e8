import { cubicOut } from '../../draw/tween';
import {
  type Limits,
  type Viewport,
  fitViewport,
  mixViewports,
  pan,
  resizeViewport,
  zoomAt,
} from '../../draw/viewport';

const FIT_MS = 240;

/** Where a plot looks: the viewport, its way back to the fit, and what fitting means. Times in ms. */
export class Camera {
  private limits: Limits = [-1, 1, -1, 1];
  private sized = false;
  private fitted: Viewport = { x: 0, y: 0, scale: 1, width: 1, height: 1 };
  private goal: Viewport = this.fitted;
  private moving: { from: Viewport; start: number } | null = null;

  at(now: number): Viewport {
    if (this.moving === null) return this.goal;
    const t = Math.min(1, (now - this.moving.start) / FIT_MS);
    return mixViewports(this.moving.from, this.goal, cubicOut(t));
  }

  /** False once a movement has reached its goal. */
  isMoving(now: number): boolean {
    if (this.moving !== null && now - this.moving.start >= FIT_MS) this.moving = null;
    return this.moving !== null;
  }

  get width(): number {
    return this.goal.width;
  }

  get height(): number {
    return this.goal.height;
  }

  /** How far it is zoomed in, against the fit. */
  get zoom(): number {
    return this.goal.scale / this.fitted.scale;
  }

  /** Whether it was panned or zoomed away from the fit. */
  get isAway(): boolean {
    const { x, y, scale } = this.goal;
    return x !== this.fitted.x || y !== this.fitted.y || scale !== this.fitted.scale;
  }

  /** What fitting shows from now on; `follow` jumps there. */
  setLimits(limits: Limits, follow: boolean): void {
    this.limits = limits;
    this.fitted = fitViewport(limits, this.width, this.height);
    if (follow) this.moveTo(this.fitted);
  }

  resize(width: number, height: number): void {
    const before = this.fitted;
    this.fitted = fitViewport(this.limits, width, height);
    this.moveTo(this.sized ? resizeViewport(this.goal, before, this.fitted) : this.fitted);
    this.sized = true;
  }

  fit(now: number, animated: boolean): void {
    this.moving = animated ? { from: this.at(now), start: now } : null;
    this.goal = this.fitted;
  }

  panBy(dx: number, dy: number, now: number): void {
    this.moveTo(pan(this.at(now), dx, dy));
  }

  zoomBy(factor: number, now: number, px = this.width / 2, py = this.height / 2): void {
    this.moveTo(zoomAt(this.at(now), factor, px, py, this.fitted));
  }

  private moveTo(viewport: Viewport): void {
    this.goal = viewport;
    this.moving = null;
  }
}
