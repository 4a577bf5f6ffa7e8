/** The matrix on a canvas: pure drawing from the model, where it goes, and its colours. */

import { type Rgb, type Swatch, inkOn } from '../../color';
import { GAPPED, LEGEND, NAMES_ABOVE, NUMBERED, type Layout, type Place, type Viewport, cellSide } from './layout';
import { AXES, CORRECT, type MatrixModel, NONE } from './model';

export interface Look {
  dark: boolean;
  surface: Rgb;
  border: Rgb;
  /** Of an empty cell. */
  mat: Rgb;
  text: Rgb;
  muted: Rgb;
  faint: Rgb;
  accent: Rgb;
  ring: Rgb;
  font: string;
  names: readonly string[];
  swatches: readonly Swatch[];
}

export interface Picture {
  model: MatrixModel;
  layout: Layout;
  view: Viewport;
  look: Look;
  /** Device pixels in a CSS pixel. */
  ratio: number;
}

type Context = CanvasRenderingContext2D;

const css = (color: Rgb): string => `rgb(${color.join(' ')})`;
const NAMED_ROWS = 12;
const NAMED_COLUMNS = 15;
/** Font size of a number that would not fit otherwise, and a digit's width in ems. */
const SMALLEST = 9;
const DIGIT = 0.57;

/** All but what the pointer and the selection add. */
export function drawMatrix(context: Context, picture: Picture): void {
  const { layout, look, ratio } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  context.textBaseline = 'middle';
  const cell = cellSide(layout, picture.view);
  if (cell < GAPPED) drawPixels(context, picture);
  else drawCells(context, picture, cell);
  const [rows, columns] = [visible(layout, picture.view.y), visible(layout, picture.view.x)].map((find) => find(cell));
  if (cell >= NAMED_ROWS) for (const at of rows!) drawRowName(context, picture, at, false);
  if (cell >= NAMED_COLUMNS) for (const at of columns!) drawColumnName(context, picture, at, false);
  context.font = `11px ${look.font}`;
  context.fillStyle = css(look.faint);
  context.textAlign = 'right';
  const [row, column] = picture.model.axes ?? AXES;
  context.fillText(`${column} →`, layout.left - 8, layout.top - 27);
  context.fillText(`${row} ↓`, layout.left - 8, layout.top - 11);
  drawLegend(context, picture);
}

/** Positions in sight from `first` on. */
const visible = (layout: Layout, first: number) => (cell: number): number[] => {
  const from = Math.floor(first);
  const to = Math.min(layout.size, Math.ceil(first + layout.side / cell - 1e-6));
  return Array.from({ length: to - from }, (_, k) => from + k);
};

/** Small cells: every pixel shows the greatest of its cells, so that no error is lost. */
function drawPixels(context: Context, { model, layout, view, look, ratio }: Picture): void {
  const side = Math.round(layout.side * ratio);
  const cell = cellSide(layout, view) * ratio;
  const strongest = new Uint8Array(side * side);
  const weights = Float32Array.from({ length: 256 }, (_, level) => model.weight(level));
  const edge = (at: number, first: number): number => Math.round((at - first) * cell);
  const rows = visible(layout, view.y)(cell / ratio);
  const columns = visible(layout, view.x)(cell / ratio);
  const edges = columns.map((at) => [Math.max(0, edge(at, view.x)), Math.min(side, Math.max(edge(at + 1, view.x), edge(at, view.x) + 1))] as const);
  for (const row of rows) {
    const top = Math.max(0, edge(row, view.y));
    const bottom = Math.min(side, Math.max(edge(row + 1, view.y), top + 1));
    for (let k = 0; k < columns.length; k++) {
      const level = model.levels[row * model.size + columns[k]!]!;
      if (level === NONE) continue;
      const [from, to] = edges[k]!;
      for (let y = top; y < bottom; y++) {
        for (let x = from; x < to; x++) if (weights[strongest[y * side + x]!]! < weights[level]!) strongest[y * side + x] = level;
      }
    }
  }
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = Uint32Array.from(model.palette(look.dark, look.mat, look.border), ([r, g, b]) => 0xff000000 | (b << 16) | (g << 8) | r);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[strongest[i]!]!;
  context.putImageData(image, Math.round(layout.left * ratio), Math.round(layout.top * ratio));
}

function drawCells(context: Context, picture: Picture, cell: number): void {
  const { model, layout, view, look } = picture;
  const colours = model.palette(look.dark, look.mat, look.surface);
  const styles = colours.map(css);
  const numbered = cell >= NUMBERED;
  context.save();
  context.beginPath();
  context.rect(layout.left, layout.top, layout.side, layout.side);
  context.clip();
  context.textAlign = 'center';
  const sizes = [cell >= 34 ? 12 : 11, SMALLEST].map((size) => ({ font: `${size}px ${look.font}`, room: Math.floor((cell - 3) / (DIGIT * size)) }));
  for (const row of visible(layout, view.y)(cell)) {
    for (const column of visible(layout, view.x)(cell)) {
      const level = model.levels[row * model.size + column]!;
      const x = layout.left + (column - view.x) * cell;
      const y = layout.top + (row - view.y) * cell;
      context.fillStyle = styles[level]!;
      context.fillRect(x, y, cell - 1, cell - 1);
      if (row === column) {
        context.strokeStyle = css(level === CORRECT ? look.border : look.faint);
        context.strokeRect(x + 1.5, y + 1.5, cell - 4, cell - 4);
      }
      if (!numbered || level === NONE) continue;
      context.fillStyle = level === CORRECT ? css(look.faint) : inkOn(colours[level]!);
      const fitting = sizes.find(({ room }) => model.text(row, column, room) !== null);
      context.font = (fitting ?? sizes[0]!).font;
      context.fillText(fitting ? model.text(row, column, fitting.room)! : '…', x + (cell - 1) / 2, y + cell / 2);
    }
  }
  context.restore();
}

export function drawRowName(context: Context, picture: Picture, at: number, strong: boolean): void {
  const { layout, view, look, model } = picture;
  const cell = cellSide(layout, view);
  const y = layout.top + (at + 0.5 - view.y) * cell;
  if (y < layout.top + (strong ? 0 : 5) || y > layout.top + layout.side) return;
  const index = model.order[at]!;
  const from = Math.max(2, layout.left - 150);
  prepare(context, look, strong);
  context.textAlign = 'right';
  const text = cut(context, look.names[index] ?? '', layout.left - 24 - from);
  if (strong) veil(context, look, layout.left - 24 - context.measureText(text).width, y - 8, layout.left - 2, y + 8);
  context.fillStyle = css(strong ? look.text : look.muted);
  context.fillText(text, layout.left - 20, y);
  drawSwatch(context, look, index, layout.left - 11, y);
}

export function drawColumnName(context: Context, picture: Picture, at: number, strong: boolean): void {
  const { layout, view, look, model } = picture;
  const x = layout.left + (at + 0.5 - view.x) * cellSide(layout, view);
  if (x < layout.left - 1 || x > layout.left + layout.side + 1) return;
  const index = model.order[at]!;
  prepare(context, look, strong);
  context.textAlign = 'left';
  const foot = layout.top - NAMES_ABOVE;
  const text = cut(context, look.names[index] ?? '', Math.min((layout.width - x - 8) * Math.SQRT2, (foot - 6) * Math.SQRT2));
  context.save();
  context.translate(x + 1, foot);
  context.rotate(-Math.PI / 4);
  if (strong) veil(context, look, -4, -8, context.measureText(text).width + 4, 8);
  context.fillStyle = css(strong ? look.text : look.muted);
  context.fillText(text, 0, 0);
  context.restore();
  drawSwatch(context, look, index, x, layout.top - 11);
}

function prepare(context: Context, look: Look, strong: boolean): void {
  context.textBaseline = 'middle';
  context.font = `${strong ? '600 ' : ''}12px ${look.font}`;
}

/** Ground under a name that lies over others. */
function veil(context: Context, look: Look, left: number, top: number, right: number, bottom: number): void {
  context.fillStyle = css(look.surface);
  context.fillRect(left, top, right - left, bottom - top);
}

function drawSwatch(context: Context, { swatches, dark }: Look, index: number, x: number, y: number): void {
  const swatch = swatches[index];
  if (!swatch) return;
  context.beginPath();
  context.arc(x, y, swatch.hollow ? 3 : 4, 0, 2 * Math.PI);
  context.lineWidth = swatch.hollow ? 2 : 1;
  context.fillStyle = swatch.color;
  context.strokeStyle = swatch.hollow ? swatch.color : dark ? 'rgb(255 255 255 / 35%)' : 'rgb(0 0 0 / 25%)';
  if (!swatch.hollow) context.fill();
  context.stroke();
  context.lineWidth = 1;
}

/** `text` with an ellipsis where it is wider than `room`. */
export function cut(context: Pick<Context, 'measureText'>, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length).trimEnd()}…`).width > room) length--;
  return `${text.slice(0, length).trimEnd()}…`;
}

const BAR = 160;
const ROOMY = 320;

function drawLegend(context: Context, { model, layout, view, look }: Picture): void {
  const { low, diagonal, shade, note } = model.scale;
  const high = model.scale.high && model.scale.high + (layout.side > ROOMY ? note : '');
  const top = layout.top + layout.side + LEGEND - 34;
  const { left } = layout;
  const bar = Math.min(BAR, 0.4 * layout.side);
  context.textAlign = 'left';
  context.font = `11px ${look.font}`;
  for (let k = 0; k < bar; k++) {
    context.fillStyle = css(shade(k / (bar - 1), look.dark));
    context.fillRect(left + k, top, 1, 8);
  }
  context.fillStyle = css(look.muted);
  const ends = low === null ? '0' : low;
  const wide = high === null ? bar : Math.max(bar, context.measureText(`${ends}  ${high}`).width);
  if (high !== null) {
    context.fillText(ends, left, top + 19);
    context.textAlign = 'right';
    context.fillText(high, left + wide, top + 19);
  } else context.fillText(low ?? 'no errors', left, top + 19);
  const beside = left + wide + 14;
  context.strokeStyle = css(look.faint);
  context.strokeRect(beside + 0.5, top - 2.5, 11, 11);
  context.fillStyle = css(look.muted);
  context.textAlign = 'left';
  context.fillText(diagonal, beside + 18, top + 4);
  if (cellSide(layout, view) < 1) context.fillText('a pixel shows the strongest of its cells', beside, top + 19);
}

export interface Marks {
  /** Under the pointer or the keyboard. */
  hovered: Place | null;
  /** Drawn with a ring: the keyboard's place. */
  keyed: boolean;
  /** Cells, rows and columns of the selection. */
  picked: readonly Place[];
}

/** What the pointer and the selection add, on a canvas above. */
export function drawMarks(context: Context, picture: Picture, { hovered, keyed, picked }: Marks): void {
  const { layout, look, ratio } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  for (const place of picked) outline(context, picture, place, look.accent, 2);
  if (hovered) outline(context, picture, hovered, keyed ? look.ring : look.text, keyed ? 2 : 1);
  const named = hovered ? [...picked, hovered] : picked;
  for (const { row, column } of named) {
    if (row >= 0) drawRowName(context, picture, row, true);
    if (column >= 0) drawColumnName(context, picture, column, true);
  }
}

function outline(context: Context, { layout, view }: Picture, { row, column }: Place, color: Rgb, width: number): void {
  const cell = cellSide(layout, view);
  const gap = cell >= GAPPED ? 1 : 0;
  const span = (at: number, first: number, start: number): readonly [number, number] =>
    at < 0 ? [start, layout.side - gap] : [start + (at - first) * cell, Math.max(cell - gap, 3)];
  const [x, wide] = span(column, view.x, layout.left);
  const [y, high] = span(row, view.y, layout.top);
  context.save();
  context.beginPath();
  context.rect(layout.left - 2, layout.top - 2, layout.side + 4, layout.side + 4);
  context.clip();
  context.strokeStyle = css(color);
  context.lineWidth = width;
  context.strokeRect(x - width / 2, y - width / 2, wide + width, high + width);
  context.restore();
  context.lineWidth = 1;
}
