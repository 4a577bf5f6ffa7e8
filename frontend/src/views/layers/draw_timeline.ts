/** A heat map of channels over epochs. */

import { placeIn, rampOf } from '../../draw/ramp';
import { type Timeline } from './channel_model';
import { type TileInk, hatch } from './tiles';

export interface TimelineLayout {
  width: number;
  height: number;
  /** Where the cells begin; numbers of channels stand left of it, epochs below the cells. */
  left: number;
  cellWidth: number;
  rowHeight: number;
  /** Height of all rows. */
  total: number;
}

export const AXIS = 22;
const LEFT = 44;
const RIGHT = 8;
const ROW = { least: 4, most: 28 };
/** Rows that are lower have no number of their own. */
const NUMBERED = 11;

export function layoutTimeline(width: number, height: number, channels: number, epochs: number): TimelineLayout {
  const fitting = Math.floor((height - AXIS) / Math.max(1, channels));
  const rowHeight = Math.min(ROW.most, Math.max(ROW.least, fitting));
  const cellWidth = Math.max(1, (width - LEFT - RIGHT) / Math.max(1, epochs));
  return { width, height, left: LEFT, cellWidth, rowHeight, total: rowHeight * channels };
}

export interface TimelinePicture {
  timeline: Timeline;
  /** Channels from top to bottom. */
  order: readonly number[];
  steps: ArrayLike<number>;
  /** Why a channel is marked, or null. */
  marked(channel: number): string | null;
}

/** Row and column at a point, null beside the cells. */
export function cellUnder({ left, cellWidth, rowHeight, height }: TimelineLayout, scroll: number, channels: number, epochs: number, x: number, y: number): { row: number; column: number } | null {
  const [row, column] = [Math.floor((y + scroll) / rowHeight), Math.min(epochs - 1, Math.floor((x - left) / cellWidth))];
  return x >= 0 && y < height - AXIS && row >= 0 && row < channels ? { row, column: Math.max(0, column) } : null;
}

const painted = new WeakMap<TimelinePicture, { dark: boolean; canvas: HTMLCanvasElement }>();

/** Pixels of all cells, an epoch a column. */
function cellPixels(picture: TimelinePicture, dark: boolean): HTMLCanvasElement {
  const known = painted.get(picture);
  if (known?.dark === dark) return known.canvas;
  const { timeline, order, steps } = picture;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [steps.length, order.length];
  const out = new Uint8ClampedArray(4 * steps.length * order.length);
  const table = rampOf(timeline.scale, dark);
  order.forEach((channel, row) => {
    for (let column = 0; column < steps.length; column++) {
      const value = timeline.values[column * order.length + channel]!;
      if (Number.isNaN(value)) continue;
      const from = 3 * Math.round(placeIn(timeline.scale, value, timeline.most));
      out.set([table[from]!, table[from + 1]!, table[from + 2]!, 255], 4 * (row * steps.length + column));
    }
  });
  if (out.length) canvas.getContext('2d')?.putImageData(new ImageData(out, steps.length, order.length), 0, 0);
  painted.set(picture, { dark, canvas });
  return canvas;
}

/** The part that is scrolled to. */
export function drawTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture, layout: TimelineLayout, scroll: number, ink: TileInk, ratio: number): void {
  const { width, height, left, cellWidth, total } = layout;
  const { order, steps } = picture;
  const bottom = Math.min(height - AXIS, total - scroll);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(0, 0, width, Math.max(0, bottom));
  context.clip();
  hatch(context, left, 0, cellWidth * steps.length, bottom, ink.hatch);
  context.imageSmoothingEnabled = false;
  if (order.length && steps.length) context.drawImage(cellPixels(picture, ink.dark), left, -scroll, cellWidth * steps.length, total);
  drawNumbers(context, picture, layout, scroll, ink);
  context.restore();
  drawEpochs(context, steps, layout, bottom, ink);
}

function drawNumbers(context: CanvasRenderingContext2D, { order, marked }: TimelinePicture, { left, rowHeight, height }: TimelineLayout, scroll: number, ink: TileInk): void {
  context.font = ink.font;
  context.textAlign = 'right';
  const every = Math.max(1, Math.ceil(NUMBERED / rowHeight));
  const first = Math.floor(scroll / rowHeight);
  for (let row = first; row < Math.min(order.length, first + Math.ceil(height / rowHeight) + 1); row++) {
    const middle = (row + 0.5) * rowHeight - scroll;
    const mark = marked(order[row]!);
    if (mark) {
      context.fillStyle = ink.wrong;
      if (mark === 'dead') context.fillRect(left - 6, middle - rowHeight / 2, 4, rowHeight - Number(rowHeight > 5));
      else context.fillRect(left - 5, middle - rowHeight / 2, 2, rowHeight - Number(rowHeight > 5));
    }
    if (row % every !== 0) continue;
    context.fillStyle = ink.muted;
    context.fillText(String(order[row]), left - 10, Math.max(9, middle + 4));
  }
  context.textAlign = 'left';
}

function drawEpochs(context: CanvasRenderingContext2D, steps: ArrayLike<number>, { left, cellWidth }: TimelineLayout, bottom: number, ink: TileInk): void {
  context.font = ink.font;
  context.fillStyle = ink.muted;
  context.textAlign = 'center';
  const every = Math.max(1, Math.ceil(28 / cellWidth));
  for (let k = 0; k < steps.length; k += every) context.fillText(String(steps[k]), left + (k + 0.5) * cellWidth, bottom + 14);
  context.textAlign = 'left';
}
