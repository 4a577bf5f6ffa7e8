import { describe, expect, it } from 'vitest';
import { type ColumnInfo } from '../../src/schema';
import { fieldOf, noField } from '../../src/views/facets/fields';
import { cellsCsv } from '../../src/views/facets/cells_csv';
import { layoutFacets, sampleAt } from '../../src/views/facets/layout';

const info = (name: string, kind: ColumnInfo['kind']): ColumnInfo => ({
  name, kind, title: name, per_step: false, values: null, unit: '', definition: '', source: '', slow: false,
});

describe('a field', () => {
  it('has a bin a class, and one for what is missing only where something is', () => {
    const label = fieldOf({ values: Int32Array.of(1, 0, 1), categories: ['cat', 'dog'] }, info('label', 'index'));
    expect([[...label.codes], label.labels]).toEqual([[1, 0, 1], ['cat', 'dog']]);
    const gaps = fieldOf({ values: Int32Array.of(1, -1), categories: ['cat', 'dog'] }, info('label', 'index'));
    expect([[...gaps.codes], gaps.labels]).toEqual([[1, 2], ['cat', 'dog', 'missing']]);
    const flag = fieldOf({ values: Uint8Array.of(0, 1, 255), categories: null }, info('correct', 'boolean'));
    expect([[...flag.codes], flag.labels]).toEqual([[0, 1, 2], ['wrong', 'correct', 'missing']]);
  });

  it('of numbers has bins of equally many samples, ends included, NaN apart', () => {
    const values = Float32Array.from([...Array.from({ length: 60 }, (_, i) => i), NaN, Infinity, -Infinity]);
    const field = fieldOf({ values, categories: null }, info('loss', 'number'));
    const counts = field.labels.map((_, bin) => field.codes.filter((code) => code === bin).length);
    expect(counts).toEqual([11, 10, 10, 10, 10, 11, 1]);
    expect(field.labels.at(0)).toBe('0 – 9.833');
    expect(field.labels.slice(-2)).toEqual(['49.17 – 59', 'missing']);
  });

  it('of a few numbers has a bin for each', () => {
    const field = fieldOf({ values: Int32Array.of(3, 1, 3), categories: null }, info('rank', 'integer'));
    expect([[...field.codes], field.labels]).toEqual([[1, 0, 1], ['1', '3']]);
  });
});

describe('the layout', () => {
  const across = fieldOf({ values: Int32Array.of(0, 0, 2, 2, 2, 0), categories: ['a', 'b', 'c'] }, info('x', 'category'));
  const down = fieldOf({ values: Uint8Array.of(0, 1, 1, 1, 1, 1), categories: null }, info('y', 'boolean'));
  const shown = Uint8Array.of(1, 1, 1, 1, 1, 0);
  const layout = layoutFacets({ across, down, shown, rank: [0, 0, 3, NaN, 1, 0], aspect: 1 });

  it('counts every cell and leaves out empty columns', () => {
    expect(layout.columns.map(({ label, count }) => [label, count])).toEqual([['a', 2], ['c', 3]]);
    expect(layout.rows.map(({ label, count }) => [label, count])).toEqual([['no', 1], ['yes', 4]]);
    expect([...layout.counts]).toEqual([1, 0, 1, 3]);
  });

  it('is a table of its counts', () => {
    expect(cellsCsv(layout, 'x', '')).toBe('all \\ x,a,c\nno,1,0\nyes,1,3\n');
  });

  it('stacks images by rank, then index, what has none last, and shows no hidden one', () => {
    expect([...layout.order]).toEqual([0, 1, 4, 2, 3]);
    expect(layout.xy[10]).toBeNaN();
  });

  it('lays every image into its own cell, none over another', () => {
    const places = new Set<string>();
    for (const index of layout.order) {
      const [x, y] = [layout.xy[2 * index]!, layout.xy[2 * index + 1]!];
      places.add(`${x},${y}`);
      const column = layout.columns[across.codes[index] === 0 ? 0 : 1]!;
      const row = layout.rows[down.codes[index]!]!;
      expect(x).toBeGreaterThan(column.start);
      expect(x).toBeLessThan(column.start + column.size);
      expect(-y).toBeGreaterThan(row.start);
      expect(-y).toBeLessThan(row.start + row.size);
      expect(sampleAt(layout, x + 0.4, y - 0.4)).toBe(index);
    }
    expect(places.size).toBe(5);
    expect(sampleAt(layout, -3, 3)).toBeNull();
  });

  it('of one field alone fills the shape of the view', () => {
    const one = layoutFacets({
      across: noField(600), down: noField(600), shown: new Uint8Array(600).fill(1), rank: new Uint8Array(600), aspect: 1.5,
    });
    const [x0, x1, y0, y1] = one.limits;
    expect((x1 - x0) / (y1 - y0)).toBeCloseTo(1.5, 1);
  });
});
