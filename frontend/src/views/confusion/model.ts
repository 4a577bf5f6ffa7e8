/** The matrix as it is shown: an order of the classes, and a shade for every cell. */

import { interpolateBlues } from 'd3-scale-chromatic';
import { type Confusion } from '../../api';
import { type Rgb, parseRgb } from '../../color';
import { formatCount, formatFixed, formatPercent } from '../../format';

export type Mode = 'counts' | 'row' | 'column';
export type Order = 'similarity' | 'name' | 'index';

/** Levels of a cell: nothing, on the diagonal, then shades. */
export const NONE = 0;
export const CORRECT = 1;
const FIRST_SHADE = 2;
const SHADES = 254;

export const AXES: readonly [string, string] = ['label', 'prediction'];

/** Cells by label and prediction, whatever they show. */
export interface MatrixModel {
  /** Of what, for those who do not see it. */
  title: string;
  /** What rows and columns are; absent: label and prediction. */
  axes?: readonly [string, string];
  /** Of the classes, where they are more than the run's own. */
  names?: readonly string[];
  size: number;
  /** The class at each position. */
  order: ArrayLike<number>;
  /** By position of label and prediction, row-major. */
  levels: Uint8Array;
  /** Colours of the levels; `none` and `correct` are the theme's. */
  palette(dark: boolean, none: Rgb, correct: Rgb): Rgb[];
  /** Of levels that share a pixel the one of the greatest weight shows. */
  weight(level: number): number;
  /** The number of a cell in `room` characters; null where not even a short form fits. */
  text(row: number, column: number, room: number): string | null;
  /** What is told of a cell, or of a head: there the other position is -1. */
  facts(row: number, column: number): [string, string][];
  scale: ScaleWords;
}

/** What stands below the cells. */
export interface ScaleWords {
  /** At the ends of the bar; without a low end it starts at 0, without a high one nothing is on it. */
  low: string | null;
  high: string | null;
  /** Follows the high end where there is room. */
  note: string;
  /** Beside the bar: what an outlined cell is. */
  diagonal: string;
  /** The colour at a share of the bar. */
  shade(share: number, dark: boolean): Rgb;
}

export interface CountsModel extends MatrixModel {
  data: Confusion;
  mode: Mode;
  /** The end of the scale. */
  high: number;
}

/** Positions of the classes. Names are in the order that people expect of numbers in them. */
export function orderOf(order: Order, data: Confusion, names: readonly string[]): ArrayLike<number> {
  if (order === 'similarity') return data.order;
  const classes = names.map((_, index) => index);
  if (order === 'index') return classes;
  const collator = new Intl.Collator('en', { numeric: true });
  return classes.sort((a, b) => collator.compare(names[a]!, names[b]!));
}

/** What a cell shows: a count, or its share of the label's or the prediction's samples. */
export function valueOf(data: Confusion, mode: Mode, label: number, prediction: number): number {
  const count = data.matrix[label * data.support.length + prediction] ?? 0;
  if (mode === 'counts') return count;
  return count / Math.max(1, (mode === 'row' ? data.support[label] : data.predicted[prediction]) ?? 0);
}

/** The greatest value beside the diagonal. */
export function highestOf(data: Confusion, mode: Mode): number {
  const size = data.support.length;
  let high = 0;
  for (let label = 0; label < size; label++) {
    for (let prediction = 0; prediction < size; prediction++) {
      if (label !== prediction) high = Math.max(high, valueOf(data, mode, label, prediction));
    }
  }
  return high;
}

/** `common`: the end of a scale that other epochs share. */
export function matrixModel(data: Confusion, mode: Mode, order: ArrayLike<number>, common: number | null = null): CountsModel {
  const size = data.support.length;
  const high = Math.max(highestOf(data, mode), common ?? 0);
  const levels = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const value = row === column ? 0 : valueOf(data, mode, order[row]!, order[column]!);
      levels[row * size + column] = row === column ? CORRECT : value > 0 ? shadeAt(value / high) : NONE;
    }
  }
  const unit = { counts: high === 1 ? ' error' : ' errors', row: ' of the label', column: ' of the prediction' }[mode];
  return {
    title: 'Confusion matrix',
    data, mode, size, order, high, levels, palette,
    weight: (level) => level,
    text: (row, column, room) => cellText(valueOf(data, mode, order[row]!, order[column]!), mode, room),
    facts: (row, column) => factsOf(data, order[row] ?? -1, order[column] ?? -1),
    scale: {
      low: null,
      high: high > 0 ? `${formatCell(high, mode)}${unit}` : null,
      note: common === null ? '' : ', all epochs',
      diagonal: 'correct, not on the scale',
      shade,
    },
  };
}

/** Count and both shares of a cell; of a head, what its table row says. */
function factsOf(data: Confusion, label: number, prediction: number): [string, string][] {
  if (prediction < 0) {
    return [['samples', formatCount(data.support[label]!)], ['recall', formatFixed(data.recall[label]!)]];
  }
  if (label < 0) {
    return [['predicted', formatCount(data.predicted[prediction]!)], ['precision', formatFixed(data.precision[prediction]!)]];
  }
  const count = data.matrix[label * data.support.length + prediction]!;
  const share = (of: number): string => (of ? `${formatPercent(count / of)} of ${formatCount(of)}` : '–');
  return [
    ['samples', formatCount(count)],
    ['of the label', share(data.support[label]!)],
    ['of the prediction', share(data.predicted[prediction]!)],
  ];
}

/** Place of a value, as a share of the highest, among the levels: by its root, so that rare errors show. */
export function shadeAt(share: number): number {
  return FIRST_SHADE + Math.round(Math.sqrt(share) * (SHADES - 1));
}

/** Colour of a value beside the diagonal, from its share of the highest. */
export function shade(share: number, dark: boolean): Rgb {
  const t = 0.1 + 0.9 * Math.sqrt(share);
  if (!dark) return parseRgb(interpolateBlues(t));
  const [from, to] = [parseRgb('#383838'), parseRgb('#8ab8ff')];
  return [0, 1, 2].map((k) => Math.round(from[k]! + t * (to[k]! - from[k]!))) as unknown as Rgb;
}

/** Colours of all levels; `none` and `correct` are the theme's. */
export function palette(dark: boolean, none: Rgb, correct: Rgb): Rgb[] {
  const shades = Array.from({ length: SHADES }, (_, k) => shade((k / (SHADES - 1)) ** 2, dark));
  return [none, correct, ...shades];
}

/** The number of a cell, as exactly as `room` characters allow; null where not even a short form fits. */
export function cellText(value: number, mode: Mode, room: number): string | null {
  if (value === 0) return '';
  const forms = mode === 'counts' ? countForms(value) : shareForms(value);
  return forms.find((text) => text.length <= room) ?? null;
}

function countForms(count: number): string[] {
  const short = [[1e6, 'M'], [1e3, 'k']] as const;
  const unit = short.find(([size]) => count >= size);
  if (!unit) return [formatCount(count)];
  const [size, letter] = unit;
  return [formatCount(count), `${(count / size).toFixed(1)}${letter}`, `${Math.round(count / size)}${letter}`];
}

function shareForms(share: number): string[] {
  const percent = 100 * share;
  if (percent < 1) return [percent < 0.1 ? '<0.1%' : `${percent.toFixed(1)}%`, '<1%', '<1'];
  return [`${percent.toFixed(1)}%`, `${Math.round(percent)}%`, `${Math.round(percent)}`];
}

/** `21`, or `17.1%` for a share: the ends of the legend. */
export function formatCell(value: number, mode: Mode): string {
  return mode === 'counts' ? formatCount(value) : `${(100 * value).toFixed(1)}%`;
}
