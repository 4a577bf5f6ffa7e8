import { describe, expect, it } from 'vitest';
import { GREY, classSwatches, parseRgb } from '../src/color';
import { type Continuous, type Discrete, type Look, colourColumn } from '../src/colouring';
import { type ColumnInfo } from '../src/schema';

const classNames = ['ant', 'bee', 'cat'];
const classes = classSwatches(classNames, new Map());
const look = (change: Partial<Look> = {}): Look => ({
  dark: false, classNames, classes, log: false, hidden: new Set(), shown: new Uint8Array(4).fill(1), ...change,
});
const info = (name: string, kind: ColumnInfo['kind'], values: string[] | null = null): ColumnInfo => ({
  name, title: name, kind, per_step: true, values, unit: null, definition: '', source: '', slow: false,
});
const rgbAt = ({ rgb }: { rgb: Uint8Array }, i: number): number[] => Array.from(rgb.slice(3 * i, 3 * i + 3));

describe('colour by class', () => {
  const label = { values: Int32Array.of(0, 2, -1, 2), categories: classNames };

  it('gives each sample its class, and counts them in the legend', () => {
    const coloured = colourColumn(label, info('label', 'index'), look()) as Discrete;
    expect(rgbAt(coloured, 1)).toEqual([...parseRgb(classes[2]?.color ?? '')]);
    expect(coloured.entries.map(({ label: name, count }) => [name, count])).toEqual([['ant', 1], ['bee', 0], ['cat', 2], ['missing', 1]]);
    expect(rgbAt(coloured, 2)).toEqual([...parseRgb(GREY)]);
    expect(coloured.hollow[2]).toBe(1);
  });

  it('hides classes that are toggled off and splits that are not shown', () => {
    const coloured = colourColumn(label, info('label', 'index'), look({ hidden: new Set([2]), shown: Uint8Array.of(0, 1, 1, 1) })) as Discrete;
    expect(Array.from(coloured.visible)).toEqual([0, 0, 1, 0]);
    expect(coloured.entries[0]?.count).toBe(0);
    expect(coloured.entries[2]?.hidden).toBe(true);
  });
});

describe('colour by a category', () => {
  it('has the hues of classes only where its values are class names', () => {
    const values = Int32Array.of(0, 1, 0, 1);
    const same = colourColumn({ values, categories: ['cat', 'ant'] }, info('true label', 'category', ['cat', 'ant']), look()) as Discrete;
    expect(same.entries.map(({ swatch }) => swatch)).toEqual([classes[2], classes[0]]);
    const other = colourColumn({ values, categories: ['left', 'ant'] }, info('camera', 'category', ['left', 'ant']), look()) as Discrete;
    const hues = classes.map(({ color }) => color);
    expect(other.entries.every(({ swatch }) => !hues.includes(swatch.color))).toBe(true);
  });
});

describe('colour by a number', () => {
  const values = Float32Array.of(0, 4, NaN, Infinity);

  it('spans the finite values; an infinite one is at the end, a NaN is told apart', () => {
    const coloured = colourColumn({ values, categories: null }, info('loss', 'number'), look()) as Continuous;
    expect([coloured.low, coloured.high, coloured.missing]).toEqual([0, 4, 1]);
    expect(rgbAt(coloured, 3)).toEqual(rgbAt(coloured, 1));
    expect(rgbAt(coloured, 1)).not.toEqual(rgbAt(coloured, 0));
    expect(Array.from(coloured.hollow)).toEqual([0, 0, 1, 0]);
  });

  it('can be logarithmic, which parts small values', () => {
    const small = { values: Float32Array.of(0, 0.1, 0.1, 4), categories: null };
    const linear = colourColumn(small, info('loss', 'number'), look()) as Continuous;
    const log = colourColumn(small, info('loss', 'number'), look({ log: true })) as Continuous;
    const distance = (coloured: Continuous): number =>
      rgbAt(coloured, 0).reduce((sum, value, k) => sum + Math.abs(value - (rgbAt(coloured, 1)[k] ?? 0)), 0);
    expect(distance(log)).toBeGreaterThan(4 * distance(linear));
    expect(log.shade(log.share(4))).toBe(linear.shade(linear.share(4)));
  });

  it('holds the ends that are known, so that epochs can be compared, and tells what is beyond them', () => {
    const shares = colourColumn({ values: Float32Array.of(0.4, 0.5, 0.6, NaN), categories: null }, info('correctness', 'number'), look()) as Continuous;
    expect([shares.low, shares.high, shares.beyond]).toEqual([0, 1, [false, false]]);
    const scores = colourColumn({ values: Float32Array.of(-4, 0, 2, NaN), categories: null }, info('loss_z', 'number'), look()) as Continuous;
    expect([scores.low, scores.high, scores.beyond]).toEqual([-3, 3, [true, false]]);
    expect(rgbAt(scores, 0)).toEqual([...parseRgb(scores.shade(0))]);
  });

  it('has zero in the middle of a difference', () => {
    const values = Float32Array.of(-1, 0, 4, NaN);
    const coloured = colourColumn({ values, categories: null }, info('loss_difference', 'number'), look()) as Continuous;
    expect([coloured.low, coloured.high, coloured.share(0)]).toEqual([-4, 4, 0.5]);
    expect(rgbAt(coloured, 1)).toEqual([...parseRgb(coloured.shade(128 / 255))]);
    const same = colourColumn({ values: new Float32Array(4), categories: null }, info('loss_difference', 'number'), look()) as Continuous;
    expect(same.share(0)).toBe(0.5);
  });

  it('of epochs spans the logged ones; what never happened is missing, and said so', () => {
    const values = Int32Array.of(2, -1, 5, -1);
    const coloured = colourColumn({ values, categories: null }, info('first_learned', 'integer'), look({ epochs: [0, 9] })) as Continuous;
    expect([coloured.low, coloured.high, coloured.missing, coloured.lacking]).toEqual([0, 9, 2, 'never, or no label']);
    expect(Array.from(coloured.hollow)).toEqual([0, 1, 0, 1]);
    expect(coloured.share(-1)).toBeNaN();
  });

  it('that is a count spans what there is, in whole numbers', () => {
    const values = Int32Array.of(0, 3, -1, 1);
    const coloured = colourColumn({ values, categories: null }, info('flips', 'integer'), look({ epochs: [0, 9] })) as Continuous;
    expect([coloured.low, coloured.high, coloured.whole, coloured.missing]).toEqual([0, 3, true, 1]);
  });

  it('survives a column without any finite value', () => {
    const coloured = colourColumn({ values: Float32Array.of(NaN, NaN, NaN, NaN), categories: null }, info('loss', 'number'), look()) as Continuous;
    expect(coloured.missing).toBe(4);
    expect(rgbAt(coloured, 0)).toEqual([...parseRgb(GREY)]);
  });
});
