import { describe, expect, it } from 'vitest';
import { type Swatch } from '../../src/color';
import { type Look, colourColumn } from '../../src/colouring';
import { DISC, FORMS, HIDDEN, HOLLOW, MISSING, SELECTED, WRONG } from '../../src/draw/points';
import { type ColumnInfo } from '../../src/schema';
import { shapeColumn, shapeValues } from '../../src/shaping';
import { coordinatesCsv, coordinatesNpy } from '../../src/views/samples/coordinates';
import { cardImageSize } from '../../src/views/samples/hovered_sample';
import { isolated, scaleHistogram, toggled, wrongPerEntry } from '../../src/views/samples/legend_rows';
import { rampTicks } from '../../src/views/samples/ramp';
import { packColours, packFlags } from '../../src/views/samples/state';

const CLASSES: Swatch[] = [
  { color: '#1e8ef7', hollow: false },
  { color: '#e95016', hollow: true },
  { color: '#2c5c8b', hollow: false },
];

function info(name: string, kind: ColumnInfo['kind'], values: string[] | null = null): ColumnInfo {
  return { name, title: name, kind, per_step: true, values, unit: kind === 'number' ? 'nats' : null, definition: '', source: '', slow: false };
}

function look(count: number, change: Partial<Look> = {}): Look {
  return {
    dark: false, classNames: ['cat', 'dog', 'cow'], classes: CLASSES, log: false, hidden: new Set(),
    shown: new Uint8Array(count).fill(1), ...change,
  };
}

const LABELS = Int32Array.of(0, 1, 1, 2, -1, 1);
const NAMES = ['cat', 'dog', 'cow'];

describe('the legend of a category', () => {
  const labelled = colourColumn({ values: LABELS, categories: NAMES }, info('label', 'index'), look(6));
  if (labelled.kind !== 'discrete') throw new Error('labels are discrete');

  it('counts what the column holds', () => {
    expect(labelled.entries.map(({ label, count }) => [label, count])).toEqual([
      ['cat', 1], ['dog', 3], ['cow', 1], ['missing', 1],
    ]);
  });

  it('counts wrong predictions of the shown samples by entry', () => {
    const correct = Uint8Array.of(0, 0, 1, 0, 255, 0);
    const all = new Uint8Array(6).fill(1);
    expect(wrongPerEntry(labelled.entries, LABELS, correct, all)).toEqual([1, 2, 1, 0]);
    const shown = Uint8Array.of(1, 1, 1, 1, 1, 0);
    expect(wrongPerEntry(labelled.entries, LABELS, correct, shown)).toEqual([1, 1, 1, 0]);
  });

  it('shows and hides an entry with a click, and leaves it alone with a double click', () => {
    const all = [0, 1, 2, -1];
    expect([...toggled(new Set([2]), 1)].sort()).toEqual([1, 2]);
    expect([...toggled(new Set([1, 2]), 1)]).toEqual([2]);
    const alone = isolated(new Set(), 1, all);
    expect([...alone].sort()).toEqual([-1, 0, 2]);
    expect(isolated(alone, 1, all).size).toBe(0);
    expect([...isolated(alone, 0, all)].sort()).toEqual([-1, 1, 2]);
  });
});

describe('the legend of a number', () => {
  const losses = Float32Array.of(0, 1, 4, NaN, 4, Infinity);
  const scaled = colourColumn({ values: losses, categories: null }, info('loss', 'number'), look(6));
  if (scaled.kind !== 'continuous') throw new Error('losses are continuous');

  it('ends at the lowest and the highest finite value of the column', () => {
    const ticks = rampTicks(scaled);
    expect(ticks[0]).toEqual({ value: 0, at: 0 });
    expect(ticks.at(-1)).toEqual({ value: 4, at: 1 });
    expect(ticks.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4]);
    ticks.forEach(({ value, at }) => expect(at).toBeCloseTo(value / 4));
  });

  it('places ticks by the logarithm where that is the scale, none over another', () => {
    const log = colourColumn({ values: losses, categories: null }, info('loss', 'number'), look(6, { log: true }));
    if (log.kind !== 'continuous') throw new Error('losses are continuous');
    const ticks = rampTicks(log);
    expect(ticks.length).toBeGreaterThan(3);
    ticks.slice(1).forEach(({ at }, k) => expect(at - ticks[k]!.at).toBeGreaterThan(0.079));
    expect(log.share(1)).toBeGreaterThan(scaled.share(1));
  });

  it('has one tick where all values are equal', () => {
    const flat = colourColumn({ values: Float32Array.of(2, 2), categories: null }, info('x', 'number'), look(2));
    if (flat.kind !== 'continuous') throw new Error('numbers are continuous');
    expect(rampTicks(flat)).toEqual([{ value: 2, at: 0.5 }]);
  });

  it('counts the samples along the scale, infinite ones at its end, NaN apart', () => {
    const shown = Uint8Array.of(1, 1, 1, 1, 0, 1);
    expect([...scaleHistogram(losses, shown, scaled.share, 4)]).toEqual([1, 1, 0, 2]);
    expect(scaled.missing).toBe(1);
  });
});

describe('colours and marks in drawing form', () => {
  it('pack red, green, blue and the body of every sample', () => {
    const packed = packColours(colourColumn({ values: LABELS, categories: NAMES }, info('label', 'index'), look(6)));
    expect([...packed.subarray(0, 8)]).toEqual([0x1e, 0x8e, 0xf7, DISC, 0xe9, 0x50, 0x16, HOLLOW]);
    const numbers = packColours(colourColumn({ values: Float32Array.of(1, NaN), categories: null }, info('x', 'number'), look(2)));
    expect([numbers[3], numbers[7]]).toEqual([DISC, MISSING]);
  });

  it('flag what is hidden, wrong and selected', () => {
    const flags = packFlags(Uint8Array.of(1, 0, 1, 1), Uint8Array.of(1, 0, 0, 255), Uint8Array.of(0, 0, 1, 1));
    expect([...flags]).toEqual([0, HIDDEN | WRONG, WRONG | SELECTED, SELECTED]);
  });
});

describe('exported coordinates', () => {
  const xy = Float32Array.of(0.5, -1, NaN, 2);

  it('name the sample in every line of the CSV', () => {
    expect(coordinatesCsv(xy)).toBe('sample_index,x,y\n0,0.5,-1\n1,NaN,2\n');
  });

  it('are a structured array of version 1.0 as NPY', () => {
    const bytes = coordinatesNpy(xy);
    const view = new DataView(bytes.buffer);
    expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    const start = 10 + view.getUint16(8, true);
    expect(start % 64).toBe(0);
    const header = new TextDecoder().decode(bytes.subarray(10, start));
    expect(header).toContain("('sample_index', '<i4'), ('x', '<f4'), ('y', '<f4')");
    expect(header).toContain("'shape': (2,)");
    expect(header.endsWith('\n')).toBe(true);
    expect(bytes.length).toBe(start + 24);
    expect([view.getInt32(start + 12, true), view.getFloat32(start + 4, true), view.getFloat32(start + 20, true)]).toEqual([1, 0.5, 2]);
  });
});

describe('the image of the hover card', () => {
  it('is enlarged by whole pixels and never wider than the card', () => {
    expect(cardImageSize(28, 28)).toBe(112);
    expect(cardImageSize(32, 20)).toBe(96);
    expect(cardImageSize(64, 64)).toBe(64);
    expect(cardImageSize(200, 300)).toBe(112);
  });
});

describe('shapes', () => {
  const split = info('split', 'category', ['train', 'validation']);

  it('stand for the values of a column, and count the shown samples', () => {
    const { codes, entries } = shapeColumn(Int32Array.of(0, 1, 1, -1), split, ['train', 'validation'], Uint8Array.of(1, 1, 0, 1));
    expect([...codes]).toEqual([0, 1, 1, 2]);
    expect(entries).toEqual([
      { form: 'disc', label: 'train', count: 1 },
      { form: 'square', label: 'validation', count: 1 },
      { form: 'triangle', label: 'missing', count: 1 },
    ]);
  });

  it('leave correct predictions discs and cross the wrong ones', () => {
    const correct = info('correct', 'boolean');
    const { codes, entries } = shapeColumn(Uint8Array.of(0, 1, 255), correct, shapeValues(correct, [])!, Uint8Array.of(1, 1, 1));
    expect([...codes].slice(0, 2).map((code) => FORMS[code])).toEqual(['cross', 'disc']);
    expect(entries.map(({ label }) => label)).toEqual(['wrong', 'correct', 'missing']);
    expect(new Set(codes).size).toBe(3);
  });

  it('are offered for six values at most', () => {
    const many = [...'abcdefg'];
    expect(shapeValues(info('x', 'category', many), [])).toBeNull();
    expect(shapeValues(info('x', 'category', many.slice(1)), [])).toHaveLength(6);
    expect(shapeValues(info('label', 'index'), NAMES)).toEqual(NAMES);
    expect(shapeValues(info('loss', 'number'), NAMES)).toBeNull();
  });

  it('strike a missing value through where no form is left', () => {
    const six = [...'abcdef'];
    const shaped = shapeColumn(Int32Array.of(5, -1), info('x', 'category', six), six, Uint8Array.of(1, 1));
    expect(shaped.entries.at(-1)).toEqual({ form: null, label: 'missing', count: 1 });
    const colouring = colourColumn({ values: Int32Array.of(0, 0), categories: NAMES }, info('label', 'index'), look(2));
    const packed = packColours(colouring, shaped);
    expect([packed[3], packed[7]]).toEqual([DISC | (5 << 2), MISSING]);
  });
});
