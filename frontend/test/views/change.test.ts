import { describe, expect, it } from 'vitest';
import { type Change, type Pair, membersOfChanges } from '../../src/store';
import { cellsCsv, differencesCsv, flowsCsv } from '../../src/views/confusion/change_files';
import { bandsOf } from '../../src/views/confusion/change_layout';
import { cellOf, changesOfCell } from '../../src/views/confusion/change_list';
import { changeModel, changesOf, differenceOf, placeOf, rankedCells, signed } from '../../src/views/confusion/change_model';
import { markedCells } from '../../src/views/confusion/change_tab';

const SIZE = 4;
const N = 600;
const ANY: Change = { label: null, before: null, after: null, kind: null };

/** Whole numbers from `low` to before `high`, the same in every run. */
function numbers(seed: number, low: number, high: number): Int32Array {
  let state = seed;
  return Int32Array.from({ length: N }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return low + Math.floor((state / 2 ** 31) * (high - low));
  });
}

/** Some samples have no label, some no prediction; a third is of a hidden split. */
const LABELS = numbers(1, -1, SIZE);
const BEFORE = numbers(2, -1, SIZE);
const AFTER = numbers(3, -1, SIZE);
const SHOWN = Uint8Array.from({ length: N }, (_, i) => (i % 3 === 0 ? 0 : 1));
const PAIR: Pair = { labels: LABELS, before: BEFORE, after: AFTER, from: 2, to: 5 };
const CHANGES = changesOf(PAIR, SHOWN, SIZE);

/** Shown labelled samples for which `is` holds. */
function samples(is: (label: number, before: number, after: number) => boolean): number[] {
  const found = [];
  for (let i = 0; i < N; i++) if (SHOWN[i] && LABELS[i]! >= 0 && is(LABELS[i]!, BEFORE[i]!, AFTER[i]!)) found.push(i);
  return found;
}

describe('what changed between two epochs', () => {
  it('is counted by what was right before and after', () => {
    expect(CHANGES.counts).toEqual({
      lost: samples((label, before, after) => before === label && after !== label).length,
      gained: samples((label, before, after) => before !== label && after === label).length,
      other: samples((label, before, after) => before !== label && after !== label && before !== after).length,
      right: samples((label, before, after) => before === label && after === label).length,
      wrong: samples((label, before, after) => before !== label && before === after).length,
    });
    expect(CHANGES.n).toBe(samples(() => true).length);
    expect(CHANGES.unknown).toBe([...LABELS].filter((label, i) => SHOWN[i] && label < 0).length);
  });

  it('flows from class to class by label, the largest first', () => {
    for (const { label, before, after, kind, count } of CHANGES.flows) {
      expect(count).toBe(samples((own, was, is) => own === label && was === before && is === after).length);
      expect(kind).toBe(before === label ? 'lost' : after === label ? 'gained' : 'other');
      expect(before).not.toBe(after);
    }
    const counts = CHANGES.flows.map(({ count }) => count);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts.reduce((sum, count) => sum + count)).toBe(samples((_, before, after) => before !== after).length);
    expect(CHANGES.flows.some(({ before }) => before === -1)).toBe(true);
  });

  it('is, in every cell, the count at the later epoch minus that at the earlier', () => {
    for (let label = 0; label < SIZE; label++) {
      for (let prediction = 0; prediction < SIZE; prediction++) {
        const at = label * SIZE + prediction;
        const count = (of: Int32Array): number => [...of].filter((is, i) => SHOWN[i] && LABELS[i] === label && is === prediction).length;
        expect(CHANGES.entered[at]! - CHANGES.left[at]!).toBe(count(AFTER) - count(BEFORE));
      }
    }
  });

  it('ranks the cells by how much their count changed', () => {
    const cells = rankedCells(CHANGES);
    const sizes = cells.map((cell) => Math.abs(differenceOf(cell)));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(cells.every(({ entered, left }) => entered + left > 0)).toBe(true);
  });

  it('of no epochs that differ is nothing', () => {
    const same = changesOf({ ...PAIR, before: AFTER }, SHOWN, SIZE);
    expect([same.flows, rankedCells(same)]).toEqual([[], []]);
    expect(changeModel(same, [0, 1, 2, 3]).levels.every((level) => level === 0)).toBe(true);
  });
});

describe('the samples', () => {
  const of = (...changes: Partial<Change>[]): number[] => [...membersOfChanges(changes.map((change) => ({ ...ANY, ...change })), PAIR, SHOWN).indices()];

  it('of a flow went that way', () => {
    expect(of({ label: 1, before: 0, after: 1 })).toEqual(samples((label, before, after) => label === 1 && before === 0 && after === 1));
    expect(of({ before: 2, after: -1 })).toEqual(samples((_, before, after) => before === 2 && after === -1));
  });

  it('of a kind are all that changed so', () => {
    expect(of({ kind: 'lost' })).toEqual(samples((label, before, after) => before === label && after !== label));
    expect(of({ kind: 'other', label: 3 })).toEqual(samples((label, before, after) => label === 3 && before !== 3 && after !== 3 && before !== after));
  });

  it('of a cell came into it or left it; those that stayed are none', () => {
    const cell = changesOfCell(2, 3);
    expect(of(...cell)).toEqual(samples((label, before, after) => label === 2 && before !== after && (before === 3 || after === 3)));
    const chosen = cell.map((change) => ({ ...ANY, ...change }));
    expect(cellOf(chosen)).toEqual({ label: 2, prediction: 3 });
    expect(markedCells(chosen)).toEqual([{ label: 2, prediction: 3 }]);
    expect(markedCells([{ ...ANY, label: 2, before: 0, after: 3 }])).toEqual([{ label: 2, prediction: 0 }, { label: 2, prediction: 3 }]);
  });
});

describe('the matrix of differences', () => {
  const order = [3, 1, 0, 2];
  const model = changeModel(CHANGES, order);

  it('writes each difference with its sign, nothing where nobody came or left', () => {
    const at = 3 * SIZE + 1;
    expect(model.text(0, 1, 9)).toBe(signed(CHANGES.entered[at]! - CHANGES.left[at]!));
    expect(signed(-1204)).toBe('−1,204');
    expect([signed(3), signed(0)]).toEqual(['+3', '0']);
  });

  it('has a scale that is as long on both sides, and tells zero from untouched', () => {
    const flat = changesOf({ ...PAIR, labels: [0, 0, 1], before: [0, 1, 1], after: [1, 0, 1] }, [1, 1, 1], 2);
    const levels = changeModel(flat, [0, 1]).levels;
    expect([levels[0], levels[3]]).toEqual([128, 0]);
    expect(placeOf(-25, 100)).toBe(-placeOf(25, 100));
    expect([placeOf(25, 100), placeOf(0, 100), placeOf(0, 0)]).toEqual([0.5, 0, 0]);
    expect(model.palette(false, [1, 1, 1], [0, 0, 0])[128]).toEqual(model.scale.shade(0.5, false));
  });
});

describe('the bands', () => {
  it('are as high as samples went that way, at both ends, and lie within their classes without overlap', () => {
    const { bands, before, after, undrawn } = bandsOf(CHANGES.flows, [0, 1, 2, 3], 600);
    expect(undrawn).toBe(0);
    const unit = bands[0]!.height / bands[0]!.count;
    for (const { before: was, after: is, kind, count, height } of bands) {
      expect(count).toBe(samples((label, b, a) => b === was && a === is && (b === label ? 'lost' : a === label ? 'gained' : 'other') === kind).length);
      expect(height).toBeCloseTo(unit * count, 6);
    }
    for (const [stacks, side, end] of [[before, 'before', 'y0'], [after, 'after', 'y1']] as const) {
      for (const { index, y, height, count } of stacks) {
        const own = bands.filter((band) => band[side] === index).sort((a, b) => a[end] - b[end]);
        expect(own.reduce((sum, band) => sum + band.count, 0)).toBe(count);
        own.forEach((band, k) => expect(band[end]).toBeCloseTo(k === 0 ? own[0]![end] : own[k - 1]![end] + own[k - 1]!.height, 6));
        expect(own[0]![end]).toBeGreaterThanOrEqual(y - 1e-6);
        expect(own.at(-1)![end] + own.at(-1)!.height).toBeLessThanOrEqual(y + height + 1e-6);
      }
      expect(stacks.at(-1)!.y + stacks.at(-1)!.height).toBeLessThanOrEqual(600 + 1e-6);
    }
  });

  it('that find no room are counted', () => {
    const flows = Array.from({ length: 40 }, (_, k) => ({ label: k, before: k, after: (k + 1) % 40, kind: 'lost' as const, count: 40 - k }));
    const { before, undrawn } = bandsOf(flows, flows.map(({ label }) => label), 100);
    expect(before).toHaveLength(5);
    expect(undrawn).toBe(flows.slice(5).reduce((sum, { count }) => sum + count, 0));
  });
});

describe('the files', () => {
  const names = ['a', 'b', '=c', 'd'];
  it('hold every flow, cell and difference', () => {
    expect(flowsCsv(CHANGES, names).split('\n')[0]).toBe('label,prediction_epoch_2,prediction_epoch_5,kind,count');
    expect(flowsCsv(CHANGES, names).trim().split('\n')).toHaveLength(1 + CHANGES.flows.length);
    const [first] = rankedCells(CHANGES);
    expect(cellsCsv(CHANGES, names).split('\n')[1]?.split(',').slice(2)).toEqual([first!.entered, first!.left, differenceOf(first!)].map(String));
    const row = [0, 1, 2, 3].map((k) => String(CHANGES.entered[SIZE + k]! - CHANGES.left[SIZE + k]!));
    expect(differencesCsv(CHANGES, names).split('\n')[2]).toBe(['b', ...row].join(','));
  });
});
