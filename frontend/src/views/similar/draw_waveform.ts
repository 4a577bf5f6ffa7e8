/** Lines over units on a canvas. */

import { scaleLinear } from 'd3-scale';
import { formatValue } from '../../format';
import { type Waveforms, extentOf } from './waveforms';

export interface Frame {
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
}

export interface WaveformInk {
  ground: string;
  text: string;
  muted: string;
  border: string;
  accent: string;
  font: string;
}

export const LEFT = 44;
const RIGHT = 12;
const TOP = 16;
const BOTTOM = 20;
/** Up to this many units each has its dot. */
const DOTTED_UNITS = 64;

/** Centre of a unit, in CSS pixels. */
export function xOf(unit: number, units: number, width: number): number {
  return LEFT + ((unit + 0.5) / units) * Math.max(1, width - LEFT - RIGHT);
}

/** The unit nearest to a position, or null beside the plot. */
export function unitAt(x: number, units: number, width: number): number | null {
  const unit = Math.floor(((x - LEFT) / Math.max(1, width - LEFT - RIGHT)) * units);
  return unit >= 0 && unit < units ? unit : null;
}

export function drawWaveform(context: CanvasRenderingContext2D, shown: Waveforms, frame: Frame, ink: WaveformInk): void {
  const { width, height, ratio } = frame;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, width, height);
  context.font = ink.font;
  const [low, high] = extentOf(shown);
  const y = (value: number): number => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM);
  axes(context, shown, frame, ink, low, high, y);
  marks(context, shown, frame, ink);
  context.lineJoin = 'round';
  context.strokeStyle = ink.muted;
  context.lineWidth = 1;
  context.globalAlpha = Math.max(0.12, 0.7 / Math.sqrt(shown.drawn.length));
  for (const row of shown.drawn) trace(context, row, width, y);
  context.globalAlpha = 1;
  context.setLineDash([4, 3]);
  context.lineWidth = 1.25;
  trace(context, shown.drawnMean, width, y);
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = ink.text;
  context.lineWidth = 2;
  trace(context, shown.drawnQuery, width, y);
  if (shown.units <= DOTTED_UNITS) dots(context, shown.drawnQuery, width, y);
}

function axes(
  context: CanvasRenderingContext2D, { units }: Waveforms, { width, height }: Frame, ink: WaveformInk,
  low: number, high: number, y: (value: number) => number,
): void {
  context.strokeStyle = ink.border;
  context.fillStyle = ink.muted;
  context.lineWidth = 1;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of ticks(low, high, Math.max(2, Math.floor((height - TOP - BOTTOM) / 28)))) {
    const at = Math.round(y(value)) + 0.5;
    context.beginPath();
    context.moveTo(LEFT, at);
    context.lineTo(width - RIGHT, at);
    context.stroke();
    context.fillText(formatValue(value), LEFT - 6, at);
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  const every = ticks(0, units - 1, Math.max(1, Math.floor(width / 80)));
  for (const unit of every) if (Number.isInteger(unit)) context.fillText(String(unit), xOf(unit, units, width), height - 5);
}

/** Triangles at the top, with the unit's number where it does not meet another. */
function marks(context: CanvasRenderingContext2D, { marked, units }: Waveforms, { width, height }: Frame, ink: WaveformInk): void {
  const taken: number[] = [];
  context.textAlign = 'center';
  for (const unit of marked) {
    const x = xOf(unit, units, width);
    context.fillStyle = context.strokeStyle = ink.accent;
    context.beginPath();
    context.moveTo(x - 4, TOP - 4);
    context.lineTo(x + 4, TOP - 4);
    context.lineTo(x, TOP + 2);
    context.fill();
    context.globalAlpha = 0.25;
    context.beginPath();
    context.moveTo(x, TOP + 2);
    context.lineTo(x, height - BOTTOM);
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
    if (taken.some((other) => Math.abs(other - x) < 30)) continue;
    taken.push(x);
    context.fillText(String(unit), x, TOP - 6);
  }
}

/** A line with gaps where a value is not finite; a value between gaps is a dot. */
function trace(context: CanvasRenderingContext2D, row: Float32Array, width: number, y: (value: number) => number): void {
  context.beginPath();
  let open = false;
  for (let unit = 0; unit < row.length; unit++) {
    const value = row[unit]!;
    if (!Number.isFinite(value)) {
      open = false;
      continue;
    }
    const x = xOf(unit, row.length, width);
    if (open) context.lineTo(x, y(value));
    else context.moveTo(x, y(value));
    if (!open && !Number.isFinite(row[unit + 1] ?? NaN)) context.lineTo(x + 0.5, y(value));
    open = true;
  }
  context.stroke();
}

function dots(context: CanvasRenderingContext2D, row: Float32Array, width: number, y: (value: number) => number): void {
  row.forEach((value, unit) => {
    if (!Number.isFinite(value)) return;
    context.beginPath();
    context.arc(xOf(unit, row.length, width), y(value), 2.5, 0, 2 * Math.PI);
    context.fill();
  });
}

function ticks(low: number, high: number, count: number): number[] {
  return scaleLinear([low, high], [0, 1]).ticks(count);
}
