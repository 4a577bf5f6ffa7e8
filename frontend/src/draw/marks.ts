import { type Polygon } from './lasso';
import type { Rgb } from './points';

export interface MarkInk {
  readonly ground: Rgb;
  readonly ink: Rgb;
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

/** The hovered point again, half as large again, in an ink ring with a gap. CSS pixels. */
export function drawHovered(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  diameter: number,
  colour: Rgb,
  ink: MarkInk,
): void {
  const radius = Math.max(3, (diameter / 2) * 1.5);
  circle(context, x, y, radius + 4);
  context.fillStyle = css(ink.ground);
  context.fill();
  circle(context, x, y, radius);
  context.fillStyle = css(colour);
  context.fill();
  context.strokeStyle = css(ink.ink);
  context.lineWidth = 1.5;
  circle(context, x, y, radius + 2.5);
  context.stroke();
}

/** The focused point: two rings and four ticks on a halo of the ground. */
export function drawFocused(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  diameter: number,
  colour: Rgb,
  ink: MarkInk,
): void {
  const radius = Math.max(3, diameter / 2);
  context.lineWidth = 4;
  context.strokeStyle = css(ink.ground);
  circle(context, x, y, radius + 6);
  context.stroke();
  circle(context, x, y, radius + 3.5);
  context.fillStyle = css(ink.ground);
  context.fill();
  circle(context, x, y, radius);
  context.fillStyle = css(colour);
  context.fill();
  context.strokeStyle = css(ink.ink);
  context.lineWidth = 1.5;
  for (const gap of [3.5, 7]) {
    circle(context, x, y, radius + gap);
    context.stroke();
  }
  context.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    context.moveTo(x + dx * (radius + 7), y + dy * (radius + 7));
    context.lineTo(x + dx * (radius + 13), y + dy * (radius + 13));
  }
  context.stroke();
}

/**
 * Where the arrow to a point outside the plot stands: on the border, `inset` pixels inside, on the
 * line from the centre. Null for a point that is in view.
 */
export function edgeArrow(
  x: number,
  y: number,
  width: number,
  height: number,
  inset = 12,
): { x: number; y: number; angle: number } | null {
  if (x >= 0 && y >= 0 && x <= width && y <= height) return null;
  const dx = x - width / 2;
  const dy = y - height / 2;
  const room = Math.min(
    (width / 2 - inset) / Math.max(1e-9, Math.abs(dx)),
    (height / 2 - inset) / Math.max(1e-9, Math.abs(dy)),
  );
  return { x: width / 2 + dx * room, y: height / 2 + dy * room, angle: Math.atan2(dy, dx) };
}

export function drawArrow(
  context: CanvasRenderingContext2D,
  at: { x: number; y: number; angle: number },
  ink: MarkInk,
): void {
  context.save();
  context.translate(at.x, at.y);
  context.rotate(at.angle);
  context.beginPath();
  context.moveTo(9, 0);
  context.lineTo(-6, -7);
  context.lineTo(-2, 0);
  context.lineTo(-6, 7);
  context.closePath();
  context.fillStyle = css(ink.ink);
  context.strokeStyle = css(ink.ground);
  context.lineWidth = 2;
  context.stroke();
  context.fill();
  context.restore();
}

/** The line of a lasso or a box: dashed, over a light tint of what it holds. */
export function drawOutline(context: CanvasRenderingContext2D, line: Polygon, ink: MarkInk): void {
  context.save();
  context.beginPath();
  for (let k = 0; k < line.length; k += 2) context.lineTo(line[k]!, line[k + 1]!);
  context.closePath();
  context.fillStyle = `rgb(${ink.ink.join(' ')} / 8%)`;
  context.fill('evenodd');
  context.lineWidth = 3;
  context.strokeStyle = css(ink.ground);
  context.stroke();
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  context.strokeStyle = css(ink.ink);
  context.stroke();
  context.restore();
}

/** A frame around a picture: one line for the hovered, two and four ticks for the focused one. */
export function drawFrame(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  focused: boolean,
  ink: MarkInk,
): void {
  const [left, top] = [x - width / 2, y - height / 2];
  for (const [gap, colour, thickness] of [[2.5, ink.ground, 5], [1.5, ink.ink, 1.5], [4.5, ink.ink, 1.5]] as const) {
    if (gap > 4 && !focused) continue;
    context.lineWidth = thickness;
    context.strokeStyle = css(colour);
    context.strokeRect(left - gap, top - gap, width + 2 * gap, height + 2 * gap);
  }
  if (!focused) return;
  context.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    const [fromX, fromY] = [x + dx * (width / 2 + 4.5), y + dy * (height / 2 + 4.5)];
    context.moveTo(fromX, fromY);
    context.lineTo(fromX + 6 * dx, fromY + 6 * dy);
  }
  context.stroke();
}
