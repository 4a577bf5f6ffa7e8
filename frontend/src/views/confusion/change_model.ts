/** What changed in the predictions between two epochs: flows, cells, and the matrix of differences. */

import { type Rgb } from '../../color';
import { rampOf } from '../../draw/ramp';
import { formatCount } from '../../format';
import { type Kind, type Pair, kindOf } from '../../store';
import { type MatrixModel } from './model';

/** Samples of one label whose prediction went from one class to another; -1 is no prediction. */
export interface Flow {
  readonly label: number;
  readonly before: number;
  readonly after: number;
  readonly kind: Kind;
  readonly count: number;
}

export interface Changes {
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** Labelled samples of the shown splits, and those without a label, which count nowhere. */
  readonly n: number;
  readonly unknown: number;
  readonly counts: Readonly<Record<Kind | 'right' | 'wrong', number>>;
  /** The largest first. */
  readonly flows: readonly Flow[];
  /** Samples that came into a cell and that left it, by label and prediction, row-major. */
  readonly entered: Int32Array;
  readonly left: Int32Array;
}

export function changesOf({ labels, before, after, from, to }: Pair, shown: ArrayLike<number>, size: number): Changes {
  const counts = { lost: 0, gained: 0, other: 0, right: 0, wrong: 0 };
  const entered = new Int32Array(size * size);
  const left = new Int32Array(size * size);
  const flows = new Map<number, { -readonly [K in keyof Flow]: Flow[K] }>();
  let [n, unknown] = [0, 0];
  for (let i = 0; i < shown.length; i++) {
    if (!shown[i]) continue;
    const [label, was, is] = [labels[i]!, before[i]!, after[i]!];
    if (label < 0) {
      unknown++;
      continue;
    }
    n++;
    if (was === is) {
      counts[is === label ? 'right' : 'wrong']++;
      continue;
    }
    const kind = kindOf(label, was, is);
    counts[kind]++;
    if (was >= 0) left[label * size + was]!++;
    if (is >= 0) entered[label * size + is]!++;
    const key = (label * (size + 1) + was + 1) * (size + 1) + is + 1;
    const flow = flows.get(key);
    if (flow) flow.count++;
    else flows.set(key, { label, before: was, after: is, kind, count: 1 });
  }
  const ranked = [...flows.values()].sort((a, b) => b.count - a.count || a.label - b.label || a.before - b.before || a.after - b.after);
  return { size, from, to, n, unknown, counts, flows: ranked, entered, left };
}

/** A cell that samples came into or left. */
export interface CellChange {
  readonly label: number;
  readonly prediction: number;
  readonly entered: number;
  readonly left: number;
}

export const differenceOf = ({ entered, left }: Pick<CellChange, 'entered' | 'left'>): number => entered - left;

/** The cells that changed, those whose count changed most first; of the same, those with most traffic. */
export function rankedCells({ size, entered, left }: Changes): CellChange[] {
  const cells: CellChange[] = [];
  for (let k = 0; k < size * size; k++) {
    if (entered[k] || left[k]) cells.push({ label: Math.floor(k / size), prediction: k % size, entered: entered[k]!, left: left[k]! });
  }
  const most = (cell: CellChange): number => Math.abs(differenceOf(cell));
  return cells.sort((a, b) => most(b) - most(a) || b.entered - a.entered || a.label - b.label || a.prediction - b.prediction);
}

/** Levels of a cell: untouched, then from the greatest loss over zero to the greatest gain. */
const UNTOUCHED = 0;
const ZERO = 128;
const SIDE = 127;

/** Place of a difference on the scale, -1 to 1: by its root, so that small ones show. */
export function placeOf(difference: number, high: number): number {
  return high > 0 ? Math.sign(difference) * Math.sqrt(Math.min(1, Math.abs(difference) / high)) : 0;
}

function diverging(place: number, dark: boolean): Rgb {
  const ramp = rampOf('diverging', dark);
  const at = 3 * Math.round(((place + 1) / 2) * (ramp.length / 3 - 1));
  return [ramp[at]!, ramp[at + 1]!, ramp[at + 2]!];
}

/** `+1,204`, `−3`, or `0`. */
export function signed(value: number): string {
  return value === 0 ? '0' : `${value > 0 ? '+' : '−'}${formatCount(Math.abs(value))}`;
}

function signedIn(value: number, room: number): string | null {
  const short = Math.abs(value) >= 1000 ? `${value > 0 ? '+' : '−'}${Math.round(Math.abs(value) / 1000)}k` : '';
  return [signed(value), short].find((text) => text !== '' && text.length <= room) ?? null;
}

/** The matrix of the differences. */
export function changeModel(changes: Changes, order: ArrayLike<number>): MatrixModel {
  const { size, entered, left } = changes;
  const at = (row: number, column: number): CellChange => {
    const [label, prediction] = [order[row]!, order[column]!];
    const k = label * size + prediction;
    return { label, prediction, entered: entered[k]!, left: left[k]! };
  };
  const high = entered.reduce((most, count, k) => Math.max(most, Math.abs(count - left[k]!)), 0);
  const levels = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const cell = at(row, column);
      const touched = cell.entered + cell.left > 0;
      levels[row * size + column] = touched ? ZERO + Math.round(SIDE * placeOf(differenceOf(cell), high)) : UNTOUCHED;
    }
  }
  const sum = (of: Int32Array, row: number, column: number): number => {
    let total = 0;
    for (let k = 0; k < size; k++) total += of[(row < 0 ? k : order[row]!) * size + (column < 0 ? k : order[column]!)]!;
    return total;
  };
  return {
    title: `Change of the confusion matrix from epoch ${changes.from} to epoch ${changes.to}`,
    size, order, levels,
    palette: (dark, none) => Array.from({ length: 256 }, (_, level) => (level === UNTOUCHED ? none : diverging((level - ZERO) / SIDE, dark))),
    weight: (level) => (level === UNTOUCHED ? 0 : 1 + Math.abs(level - ZERO)),
    text: (row, column, room) => (levels[row * size + column] === UNTOUCHED ? '' : signedIn(differenceOf(at(row, column)), room)),
    facts: (row, column) => {
      const whole = row < 0 || column < 0;
      const [came, went] = whole ? [sum(entered, row, column), sum(left, row, column)] : [at(row, column).entered, at(row, column).left];
      return [['came in', formatCount(came)], ['left', formatCount(went)], ['change', signed(came - went)]];
    },
    scale: {
      low: high > 0 ? signed(-high) : 'nothing changed',
      high: high > 0 ? `${signed(high)} samples` : null,
      note: '',
      diagonal: 'predicted right',
      shade: (share, dark) => diverging(placeOf(2 * share - 1, 1), dark),
    },
  };
}

export const KINDS: readonly { kind: Kind; title: string; short: string; sign: string }[] = [
  { kind: 'gained', title: 'wrong → right', short: 'learned', sign: '✗→✓' },
  { kind: 'lost', title: 'right → wrong', short: 'forgotten', sign: '✓→✗' },
  { kind: 'other', title: 'wrong → other wrong', short: 'other wrong', sign: '✗→✗' },
];
