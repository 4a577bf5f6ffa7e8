import { type Polygon } from '../../draw/lasso';
import { drawArrow, drawFocused, drawFrame, drawHovered, drawOutline, edgeArrow } from '../../draw/marks';
import { type Ink } from '../../draw/points';
import { type TrailGround, type Trails, drawTrails } from '../../draw/trails';

/** What the marks need to know of the plot below them. CSS pixels. */
export interface Below extends TrailGround {
  readonly width: number;
  readonly height: number;
  readonly diameter: number;
  readonly ink: Ink;
  /** The size of a sample's picture; null for one that is a dot. */
  frameOf(index: number): [number, number] | null;
}

/** The few marks above the points. */
export class Overlay {
  focused: number | null = null;
  hovered: number | null = null;
  /** The line of a lasso under way. */
  outline: Polygon | null = null;
  /** Where some samples came from. */
  trails: Trails | null = null;

  paint(context: CanvasRenderingContext2D, below: Below): void {
    if (this.trails) drawTrails(context, this.trails, below);
    if (this.focused !== null) this.mark(context, below, this.focused, true);
    if (this.outline) drawOutline(context, this.outline, below.ink);
    if (this.hovered !== null && this.hovered !== this.focused) this.mark(context, below, this.hovered, false);
  }

  private mark(context: CanvasRenderingContext2D, below: Below, index: number, focused: boolean): void {
    const place = below.placeOf(index);
    if (place === null) return;
    const { diameter, ink, width, height } = below;
    const arrow = focused ? edgeArrow(...place, width, height) : null;
    const frame = below.frameOf(index);
    const draw = focused ? drawFocused : drawHovered;
    if (arrow) drawArrow(context, arrow, ink);
    else if (frame) drawFrame(context, ...place, ...frame, focused, ink);
    else draw(context, ...place, diameter, below.colourOf(index), ink);
  }
}

/** All canvases as one picture, with `text` in the corners of the axes: [horizontal, vertical]. */
export function pictureOf(
  canvases: readonly HTMLCanvasElement[],
  { ink }: Ink,
  unit: number,
  text: readonly [string, string],
): Promise<Blob | null> {
  const picture = document.createElement('canvas');
  picture.width = canvases[0]?.width ?? 0;
  picture.height = canvases[0]?.height ?? 0;
  const context = picture.getContext('2d');
  if (context === null) return Promise.resolve(null);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0);
  context.scale(unit, unit);
  context.font = '11px Roboto, system-ui, sans-serif';
  context.fillStyle = `rgb(${ink.join(' ')})`;
  context.fillText(text[1], 8, 16);
  context.textAlign = 'right';
  context.fillText(text[0], picture.width / unit - 8, picture.height / unit - 8);
  return new Promise((resolve) => picture.toBlob(resolve));
}
