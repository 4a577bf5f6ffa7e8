/** A column as colours: one per sample, and what the legend says about them. */

import {
  type Rgb,
  type Swatch,
  GREY,
  categorySwatch,
  diverging,
  parseRgb,
  sequential,
} from './color';
import { type ColumnInfo } from './schema';

export interface LegendEntry {
  /** The value that it stands for, as in the column; -1 for missing ones. */
  value: number;
  label: string;
  swatch: Swatch;
  /** Samples of the shown splits. */
  count: number;
  hidden: boolean;
}

interface Base {
  /** Red, green, blue of every sample. */
  rgb: Uint8Array;
  /** 1 where the sample is drawn as an outline. */
  hollow: Uint8Array;
  /** 1 where the sample's split is shown and its value is not toggled off. */
  visible: Uint8Array;
}

export interface Discrete extends Base {
  kind: 'discrete';
  entries: LegendEntry[];
}

export interface Continuous extends Base {
  kind: 'continuous';
  low: number;
  high: number;
  log: boolean;
  unit: string | null;
  /** Whether there are values below `low`, and above `high`. */
  beyond: readonly [boolean, boolean];
  /** Only whole numbers mean something. */
  whole: boolean;
  /** Place of a value on the scale, 0 to 1; NaN for a missing one. */
  share(value: number): number;
  /** Colour at a place on the scale, for the legend. */
  shade(share: number): string;
  /** Samples of the shown splits without a value, drawn hatched or grey. */
  missing: number;
  /** What it says of a sample that it has no value. */
  lacking: string;
}

export type Colouring = Discrete | Continuous;

export interface Look {
  dark: boolean;
  classNames: readonly string[];
  classes: readonly Swatch[];
  log: boolean;
  hidden: ReadonlySet<number>;
  /** 1 where the sample's split is shown. */
  shown: Uint8Array;
  /** The first and the last logged epoch. */
  epochs?: readonly [number, number] | null;
}

interface Values {
  values: Float32Array | Int32Array | Uint8Array;
  categories: readonly string[] | null;
}

const MISSING = -1;
const GREY_RGB = parseRgb(GREY);

export function colourColumn(column: Values, info: ColumnInfo, look: Look): Colouring {
  if (info.kind === 'number' || info.kind === 'integer') return continuous(column.values, info, look);
  return discrete(column, info, look);
}

function discrete({ values, categories }: Values, info: ColumnInfo, look: Look): Discrete {
  const swatches = swatchesOf(categories, info, look);
  const labels = info.kind === 'boolean' ? booleanLabels(info.name) : (categories ?? []);
  const counts = new Int32Array(labels.length + 1);
  const colors = [...swatches.map((swatch) => parseRgb(swatch.color)), GREY_RGB];
  const base = emptyBase(values.length);
  const missing = labels.length;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? MISSING;
    const code = value >= 0 && value < missing ? value : missing;
    paint(base.rgb, i, colors[code] ?? GREY_RGB);
    base.hollow[i] = code === missing || swatches[code]?.hollow ? 1 : 0;
    const shown = look.shown[i] ?? 0;
    counts[code] = (counts[code] ?? 0) + shown;
    base.visible[i] = look.hidden.has(code === missing ? MISSING : code) ? 0 : shown;
  }
  const entry = (value: number, label: string, swatch: Swatch, count: number): LegendEntry => ({
    value, label, swatch, count, hidden: look.hidden.has(value),
  });
  const entries = labels.map((label, code) =>
    entry(code, label, swatches[code] ?? { color: GREY, hollow: true }, counts[code] ?? 0),
  );
  const lacking = counts[missing] ?? 0;
  if (lacking > 0) entries.push(entry(MISSING, 'missing', { color: GREY, hollow: true }, lacking));
  return { kind: 'discrete', entries, ...base };
}

/** Class hues mean classes only: a category has them where all its values are class names. */
function swatchesOf(categories: readonly string[] | null, info: ColumnInfo, look: Look): Swatch[] {
  if (info.kind === 'index') return [...look.classes];
  if (info.kind === 'boolean') return booleanSwatches(info.name, look.dark);
  const names = categories ?? [];
  const classes = names.map((name) => look.classNames.indexOf(name));
  if (names.length > 1 && classes.every((index) => index >= 0)) {
    return classes.map((index) => look.classes[index] ?? { color: GREY, hollow: false });
  }
  return names.map((_, index) => categorySwatch(index));
}

function booleanLabels(name: string): string[] {
  return name === 'correct' ? ['wrong', 'correct'] : ['no', 'yes'];
}

function booleanSwatches(name: string, dark: boolean): Swatch[] {
  if (name !== 'correct') return [{ color: GREY, hollow: true }, categorySwatch(0)];
  return dark
    ? [{ color: '#ff8a80', hollow: false }, { color: '#5fd3bc', hollow: false }]
    : [{ color: '#c62828', hollow: false }, { color: '#00695c', hollow: false }];
}

/** Ends that hold at every epoch, where they are known. */
const ENDS: Readonly<Record<string, readonly [number, number]>> = {
  mean_label_score: [0, 1],
  correctness: [0, 1],
  neighbor_disagreement: [0, 1],
  label_error: [0, 1],
  variability: [0, 0.5],
  loss_z: [-3, 3],
};
/** Columns of how far samples moved: from 0 on. */
const MOVED: Readonly<Record<string, true>> = { '@moved': true, '@moved_in_layer': true };
/** Columns whose values are epochs. */
const EPOCHS: ReadonlySet<string> = new Set(['first_learned', 'last_change']);
/** Columns in which 0 is the middle. */
const SIGNED: ReadonlySet<string> = new Set(['loss_z', 'loss_difference', 'margin_difference']);

function endsOf(values: Values['values'], { name, per_step: perStep }: ColumnInfo, { epochs }: Look): readonly [number, number] {
  const known = !perStep ? undefined : EPOCHS.has(name) ? epochs : ENDS[name];
  if (known) return known;
  const [low, high] = extent(values);
  const most = Math.max(-low, high);
  return SIGNED.has(name) ? [-most, most] : [name in MOVED ? 0 : low, high];
}

function shader(signed: boolean, dark: boolean): (share: number) => string {
  return (share) => (signed ? diverging(share, dark) : sequential(share, dark));
}

/** A missing integer travels as -1. */
function withoutMissing(values: Values['values'], whole: boolean): Values['values'] {
  return whole ? Float32Array.from(values, (value) => (value === MISSING ? NaN : value)) : values;
}

function continuous(given: Values['values'], info: ColumnInfo, look: Look): Continuous {
  const whole = info.kind === 'integer';
  const values = withoutMissing(given, whole);
  const [low, high] = endsOf(values, info, look);
  const placed = shareOf(low, high, look.log);
  const share = (value: number): number => (whole && value === MISSING ? NaN : placed(value));
  const shade = shader(SIGNED.has(info.name), look.dark);
  const ramp = Array.from({ length: 256 }, (_, k) => parseRgb(shade(k / 255)));
  const base = emptyBase(values.length);
  let missing = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    const at = value === Infinity ? 1 : value === -Infinity ? 0 : share(value);
    const shown = look.shown[i] ?? 0;
    if (Number.isNaN(at)) {
      base.hollow[i] = 1;
      missing += shown;
    }
    paint(base.rgb, i, Number.isNaN(at) ? GREY_RGB : (ramp[Math.round(at * 255)] ?? GREY_RGB));
    base.visible[i] = Number.isNaN(at) && look.hidden.has(MISSING) ? 0 : shown;
  }
  const beyond = [values.some((value) => value < low), values.some((value) => value > high)] as const;
  const lacking = info.name in MOVED ? 'not in this layout' : EPOCHS.has(info.name) ? 'never, or no label' : whole ? 'no value' : 'NaN, no value';
  return { kind: 'continuous', low, high, beyond, whole, log: look.log, unit: info.unit, share, shade, missing, lacking, ...base };
}

/** Position of a value between `low` and `high`; the logarithm is of (1 + 100 x) in loss. */
function shareOf(low: number, high: number, log: boolean): (value: number) => number {
  const scale = log ? (value: number): number => Math.log1p(100 * (value - low)) : (value: number): number => value - low;
  const width = scale(high);
  return (value) => (width > 0 ? Math.min(1, Math.max(0, scale(value) / width)) : Number.isNaN(value) ? NaN : 0.5);
}

function extent(values: Values['values']): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

function emptyBase(length: number): Base {
  return {
    rgb: new Uint8Array(3 * length),
    hollow: new Uint8Array(length),
    visible: new Uint8Array(length),
  };
}

function paint(rgb: Uint8Array, i: number, color: Rgb): void {
  rgb[3 * i] = color[0];
  rgb[3 * i + 1] = color[1];
  rgb[3 * i + 2] = color[2];
}
