import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Confusion, computeSlices, fetchCalibration, fetchConfusion, fetchThreshold } from '../../src/api';
import { luminance } from '../../src/color';
import { sortedClasses } from '../../src/views/confusion/class_table';
import { calibrationCsv, classesCsv, curvesCsv, matrixCsv, slicesCsv } from '../../src/views/confusion/files';
import { byLoss } from '../../src/store/pool';
import { WHOLE, cellSide, clampView, layoutOf, mostZoom, moved, placeAt, reveal, zoomAt } from '../../src/views/confusion/layout';
import { CORRECT, NONE, cellText, matrixModel, orderOf, shade, valueOf } from '../../src/views/confusion/model';
import { nearest, outcomesAt, rank, ratesOf, scoreHistogram, thresholdAt } from '../../src/views/confusion/operating';
import { sortedSlices } from '../../src/views/confusion/slices_tab';
import { pathOf } from '../../src/views/confusion/threshold_tab';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

const ASKED = { run: 'exp1/cnnvis', step: 2, splits: [] };
const NAMES = ['class 10', 'class 9', '=cat'];
/** 3 classes; class 2 is never predicted. */
const DATA: Confusion = {
  step: 2,
  matrix: Int32Array.of(8, 2, 0, 1, 3, 0, 4, 0, 0),
  order: Int32Array.of(2, 0, 1),
  precision: Float32Array.of(8 / 13, 0.6, NaN),
  recall: Float32Array.of(0.8, 0.75, 0),
  f1: Float32Array.of(0.7, 0.6, 0),
  support: Int32Array.of(10, 4, 5),
  predicted: Int32Array.of(13, 5, 0),
  n: 19, unknown: 0, noPrediction: 1,
  accuracy: 0.5, accuracyLow: 0.4, accuracyHigh: 0.6, balancedAccuracy: 0.5, top5Accuracy: 1, interval: 'Wilson 95%',
};

describe('the golden answers', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
    for (const route of ['confusion', 'calibration', 'threshold', 'slices']) {
      server.answers.set(route, () => ({ body: goldenBytes(`${route}.bin`) }));
    }
  });
  afterAll(() => server.close());

  it('confusion', async () => {
    const found = await fetchConfusion(ASKED);
    expect([...found.matrix]).toEqual([2, 0, 0, 0, 2, 0, 0, 0, 2]);
    expect([...found.order].sort()).toEqual([0, 1, 2]);
    expect([...found.support]).toEqual([2, 2, 2]);
    expect(found.accuracyLow).toBeCloseTo(0.60967, 4);
    expect(found).toMatchObject({ n: 6, unknown: 0, noPrediction: 0, accuracy: 1, interval: 'Wilson 95%' });
  });

  it('calibration', async () => {
    const found = await fetchCalibration(ASKED, 4);
    expect(found.count.reduce((sum, count) => sum + count)).toBe(found.n);
    expect(found.accuracy[0]).toBeNaN();
    expect(found.ece).toBeCloseTo(0.23037, 4);
    expect(calibrationCsv(found).split('\n')[1]).toBe('0,0.25,0,,');
  });

  it('threshold', async () => {
    const found = await fetchThreshold({ ...ASKED, splits: ['validation'] }, 1);
    expect(server.calls.at(-1)?.query.get('splits')).toBe('validation');
    expect([found.scores[0], found.rocThreshold[0]]).toEqual([NaN, Infinity]);
    expect(found).toMatchObject({ positives: 1, negatives: 3, rocAuc: 1, thinned: null, notStored: 0, leftOut: 0 });
    expect(curvesCsv(found).split('\n')).toHaveLength(2 + found.fpr.length + found.recall.length);
  });

  it('slices', async () => {
    const found = await computeSlices({ ...ASKED, fields: ['camera', 'brightness'], bins: 2, class: 0 });
    expect(JSON.parse(server.calls.at(-1)?.body ?? '')).toMatchObject({ splits: '', fields: ['camera', 'brightness'], class: 0 });
    expect(found.rows[0]).toEqual(['right', '90.25 to 118.2']);
    expect(found.recall?.value[0]).toBeNaN();
    expect(found.codes.every((code) => code < found.rows.length)).toBe(true);
    const [head, first] = slicesCsv(found).split('\n');
    expect(head).toBe('camera,brightness,n,accuracy,accuracy_low,accuracy_high,loss,loss_low,loss_high,recall,recall_low,recall_high');
    expect(first?.split(',')).toHaveLength(12);
  });
});

describe('the cells', () => {
  it('show counts, or shares of the label or of the prediction', () => {
    expect(valueOf(DATA, 'counts', 0, 1)).toBe(2);
    expect(valueOf(DATA, 'row', 0, 1)).toBeCloseTo(0.2);
    expect(valueOf(DATA, 'column', 0, 1)).toBeCloseTo(0.4);
    expect(valueOf(DATA, 'column', 0, 2)).toBe(0);
  });

  it('are shaded by their share of the greatest error, the diagonal apart', () => {
    const model = matrixModel(DATA, 'counts', DATA.order);
    expect(model.high).toBe(4);
    const at = (row: number, column: number): number => model.levels[3 * row + column]!;
    expect([at(0, 0), at(1, 1), at(2, 2)]).toEqual([CORRECT, CORRECT, CORRECT]);
    expect(at(0, 1)).toBe(255);
    expect(at(0, 2)).toBe(NONE);
    expect(at(1, 2)).toBeGreaterThan(at(2, 1));
  });

  it('of a perfect model have no shade', () => {
    const perfect = matrixModel({ ...DATA, matrix: Int32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) }, 'counts', [0, 1, 2]);
    expect(perfect.high).toBe(0);
    expect([...perfect.levels]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('contrast more with the ground the more errors they have', () => {
    const shares = [0.01, 0.1, 0.5, 1];
    const rising = shares.map((share) => luminance(shade(share, true)));
    const falling = shares.map((share) => luminance(shade(share, false)));
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
  });

  it('have numbers as exact as fits, and never a wrong one', () => {
    expect(cellText(0, 'counts', 3)).toBe('');
    expect(cellText(5998, 'counts', 5)).toBe('5,998');
    expect(cellText(5998, 'counts', 4)).toBe('6.0k');
    expect(cellText(59980, 'counts', 3)).toBe('60k');
    expect(cellText(599800, 'counts', 3)).toBeNull();
    expect(cellText(0.171, 'row', 6)).toBe('17.1%');
    expect(cellText(0.171, 'row', 3)).toBe('17%');
    expect(cellText(1, 'row', 3)).toBe('100');
    expect(['row', 'column'].map((mode) => cellText(0.004, mode as 'row', 3))).toEqual(['<1%', '<1%']);
    expect([cellText(0.004, 'row', 5), cellText(0.0004, 'row', 5)]).toEqual(['0.4%', '<0.1%']);
  });

  it('are ordered by similarity, by name with its numbers, or by index', () => {
    expect([...Array.from(orderOf('similarity', DATA, NAMES))]).toEqual([2, 0, 1]);
    expect(orderOf('name', DATA, NAMES)).toEqual([2, 1, 0]);
    expect(orderOf('index', DATA, NAMES)).toEqual([0, 1, 2]);
  });
});

describe('the layout', () => {
  const ten = layoutOf(620, 600, 10, 90);
  const thousand = layoutOf(620, 600, 1000, 90);

  it('gives ten classes numbered cells of whole pixels, and a thousand all their rows', () => {
    expect(cellSide(ten, WHOLE)).toBeGreaterThanOrEqual(24);
    expect(Number.isInteger(cellSide(ten, WHOLE))).toBe(true);
    expect(mostZoom(ten)).toBe(1);
    expect(cellSide(thousand, WHOLE)).toBeLessThan(1);
    expect(mostZoom(thousand) * cellSide(thousand, WHOLE)).toBeCloseTo(40);
  });

  it('finds cells, heads and nothing under the pointer', () => {
    const cell = cellSide(ten, WHOLE);
    const middle = (at: number): number => (at + 0.5) * cell;
    expect(placeAt(ten, WHOLE, ten.left + middle(3), ten.top + middle(7))).toEqual({ row: 7, column: 3 });
    expect(placeAt(ten, WHOLE, ten.left - 20, ten.top + middle(7))).toEqual({ row: 7, column: -1 });
    expect(placeAt(ten, WHOLE, ten.left + middle(3), ten.top - 10)).toEqual({ row: -1, column: 3 });
    expect(placeAt(ten, WHOLE, ten.left + middle(3) + 30, ten.top - 50)).toEqual({ row: -1, column: 3 });
    expect(placeAt(ten, WHOLE, ten.left + ten.side + 1, ten.top + middle(7))).toBeNull();
    expect(placeAt(ten, WHOLE, ten.left - 20, ten.top - 20)).toBeNull();
  });

  it('zooms about the pointer and stays within the matrix', () => {
    const [px, py] = [thousand.left + 100, thousand.top + 250];
    const before = placeAt(thousand, WHOLE, px, py);
    const near = zoomAt(thousand, WHOLE, 20, px, py);
    expect(near.zoom).toBe(20);
    expect(placeAt(thousand, near, px, py)).toEqual(before);
    expect(zoomAt(thousand, near, 1e-3, px, py)).toEqual(WHOLE);
    expect(clampView(thousand, { zoom: 2, x: 900, y: -5 })).toEqual({ zoom: 2, x: 500, y: 0 });
  });

  it('is walked over by the arrows, heads before the first row and column', () => {
    expect(moved({ row: 0, column: 0 }, 'ArrowDown', 3)).toEqual({ row: 1, column: 0 });
    expect(moved({ row: 0, column: 0 }, 'ArrowLeft', 3)).toEqual({ row: 0, column: -1 });
    expect(moved({ row: 0, column: -1 }, 'ArrowUp', 3)).toEqual({ row: 0, column: -1 });
    expect(moved({ row: 2, column: 2 }, 'ArrowRight', 3)).toEqual({ row: 2, column: 2 });
    expect(moved({ row: 0, column: 0 }, 'x', 3)).toBeNull();
    const near = { zoom: 50, x: 500, y: 500 };
    expect(reveal(thousand, near, { row: 505, column: 525 })).toEqual({ zoom: 50, x: 506, y: 500 });
  });
});

describe('a threshold', () => {
  const scores = Float32Array.of(0.9, 0.8, 0.7, 0.6, 0.6, 0.1, NaN);
  const labels = Int32Array.of(1, 1, 0, 1, 0, 0, 1);

  it('calls positive what reaches it', () => {
    const found = outcomesAt(scores, labels, 1, Math.fround(0.6));
    expect(found).toEqual({ truePositives: 3, falsePositives: 2, falseNegatives: 0, trueNegatives: 1 });
    expect(ratesOf(found)).toMatchObject({ sensitivity: 1, precision: 0.6, f1: 0.75 });
    expect(ratesOf(found).specificity).toBeCloseTo(1 / 3);
    expect(ratesOf(outcomesAt(scores, labels, 1, 2)).precision).toBeNaN();
  });

  it('of a specificity is the lowest that leaves so many negatives alone', () => {
    const ranked = rank(scores, labels, 1);
    for (const wanted of [0, 0.3, 1 / 3, 0.5, 2 / 3, 0.9, 1]) {
      const at = thresholdAt(ranked, wanted);
      const rates = ratesOf(outcomesAt(scores, labels, 1, at));
      expect(rates.specificity).toBeGreaterThanOrEqual(wanted - 1e-9);
      const lower = Array.from(scores).filter((score) => score < at);
      for (const other of lower) {
        expect(ratesOf(outcomesAt(scores, labels, 1, other)).specificity).toBeLessThan(wanted);
      }
    }
    expect(thresholdAt(ranked, 1)).toBeCloseTo(0.8);
  });

  it('may be out of reach: where a negative has the highest score', () => {
    expect(thresholdAt(rank(Float32Array.of(0.9, 0.5), Int32Array.of(0, 1), 1), 1)).toBe(Infinity);
  });

  it('is chosen by the nearest point of a curve', () => {
    expect(nearest([0, 0, 1], [0, 1, 1], [Infinity, 0.7, 0.2], 0.1, 0.8)).toBe(0.7);
  });

  it('stands over the scores of both kinds', () => {
    const [others, own] = scoreHistogram(scores, labels, 1, 2);
    expect([[...others], [...own]]).toEqual([[1, 2], [0, 3]]);
    expect([...scoreHistogram([0, 1], [0, 0], 0, 4)[1]]).toEqual([1, 0, 0, 1]);
  });

  it('draws precision in steps and leaves gaps out', () => {
    const same = (at: number): number => at;
    expect(pathOf([0, 1], [1, 0.5], same, same, true)).toBe('M0.0 1.0V0.5H1.0');
    expect(pathOf([0, NaN, 1], [0, 1, 1], same, same, false)).toBe('M0.0 0.0L1.0 1.0');
  });
});

describe('lists', () => {
  it('of images begin with the highest loss; NaN comes last, ties in sample order', () => {
    const losses = Float32Array.of(1, NaN, 3, 1, Infinity);
    expect([...byLoss(Int32Array.of(0, 1, 2, 3, 4), losses)]).toEqual([4, 2, 0, 3, 1]);
  });

  it('of classes put undefined figures last in either direction', () => {
    expect(sortedClasses(DATA, NAMES, 'precision', false)).toEqual([1, 0, 2]);
    expect(sortedClasses(DATA, NAMES, 'precision', true)).toEqual([0, 1, 2]);
    expect(sortedClasses(DATA, NAMES, 'class', false)).toEqual([2, 1, 0]);
    expect(sortedClasses(DATA, NAMES, 'support', true)).toEqual([0, 2, 1]);
  });

  it('of slices sort by any column', () => {
    const interval = (...values: number[]) => ({ value: Float32Array.from(values), low: Float32Array.from(values), high: Float32Array.from(values) });
    const slices = {
      fields: ['size'], rows: [['10'], ['9'], ['-']], count: Int32Array.of(3, 2, 1), codes: new Int32Array(0),
      accuracy: interval(0.5, NaN, 0.25), recall: null, loss: interval(1, 2, 3),
    };
    expect(sortedSlices(slices, 'accuracy', false)).toEqual([2, 0, 1]);
    expect(sortedSlices(slices, 'size', false)).toEqual([2, 1, 0]);
    expect(sortedSlices(slices, 'count', true)).toEqual([0, 1, 2]);
  });
});

describe('files', () => {
  it('hold the counts by label and prediction', () => {
    expect(matrixCsv(DATA, NAMES)).toBe("label \\ prediction,class 10,class 9,'=cat\nclass 10,8,2,0\nclass 9,1,3,0\n'=cat,4,0,0\n");
  });

  it('leave undefined figures empty, and no name is a formula', () => {
    const lines = classesCsv(DATA, NAMES).split('\n');
    expect(lines[3]).toBe("'=cat,5,0,,0,0");
  });
});
