import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, beside, fetchColumns, fetchComparison, fetchTable } from '../../src/api';
import { matchedWhere } from '../../src/store';
import { CORRECT, NONE } from '../../src/views/confusion/model';
import { align } from '../../src/views/dynamics/compare/align';
import { samplesOfCell } from '../../src/views/dynamics/compare/cells';
import { disagreementModel } from '../../src/views/dynamics/compare/disagreement_model';
import { coordinatesCsv, disagreementCsv, overlapCsv, samplesCsv } from '../../src/views/dynamics/compare/files';
import { formatP } from '../../src/views/dynamics/compare/statistics';
import { placeOf } from '../../src/views/dynamics/compare/tiles';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

const AGAINST = { run: 'exp1/cnnvis', step: 0, by: 'auto' };
/** Four matched samples of two classes and a third that only the other has. */
const FOUND: Comparison = {
  against: AGAINST,
  step: 2,
  index: Int32Array.of(1, 4, 6, 9),
  otherIndex: Int32Array.of(3, 0, 1, 2),
  change: Uint8Array.of(2, 1, 4, 255),
  lossDifference: Float32Array.of(-0.5, 2, NaN, -3),
  marginDifference: Float32Array.of(1, -1, NaN, 0),
  prediction: Int32Array.of(0, 1, 0, -1),
  otherPrediction: Int32Array.of(1, 0, 2, 0),
  disagreement: Int32Array.of(0, 1, 0, 1, 0, 0, 1, 0, 0),
  classNames: ['cat', '=dog', 'frog'],
  matched: 4, of: 10, ofOther: 4, by: 'image', note: '', churn: 1, n: 3,
  accuracy: { share: 1 / 3, low: 0, high: 1 }, otherAccuracy: { share: 1 / 3, low: 0, high: 1 }, interval: 'Wilson 95%',
  counts: [0, 1, 1, 0, 1],
  mcnemar: { lost: 1, won: 1, p: 1 },
};

describe('the golden answer', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
    for (const route of ['comparison', 'columns', 'table']) server.answers.set(route, () => ({ body: goldenBytes(`${route}.bin`) }));
  });
  afterAll(() => server.close());

  it('is a comparison', async () => {
    const found = await fetchComparison('exp1/cnnvis', 2, AGAINST, ['validation']);
    expect([...found.index]).toEqual([2, 3, 4, 5]);
    expect([...found.otherIndex]).toEqual([2, 3, 4, 5]);
    expect(found).toMatchObject({ matched: 4, of: 4, ofOther: 6, by: 'position', n: 4, interval: 'Wilson 95%' });
    expect(found.counts.reduce((sum, count) => sum + count)).toBe(4);
    expect(found.classNames).toEqual(['ant', 'bee', '<b>cat</b>']);
    expect([...found.disagreement].reduce((sum, count) => sum + count)).toBe(4);
    const { lost, won } = found.mcnemar;
    expect([lost, won]).toEqual([found.counts[1], found.counts[2]]);
  });

  it('columns and rows of a comparison are posted, for they may have samples matched', async () => {
    await fetchColumns('exp1/cnnvis', 2, ['loss', 'label', 'correct', 'camera', 'sample_index'], AGAINST);
    const asks = (): unknown => JSON.parse(String(server.calls.at(-1)?.body));
    expect(server.calls.at(-1)?.method).toBe('POST');
    expect(asks()).toMatchObject({ other: 'exp1/cnnvis', other_step: 0, other_by: 'auto' });
    const asked = { run: 'exp1/cnnvis', step: 2, sort: 'loss', descending: true, offset: 0, limit: 5, splits: [], focus: null };
    await fetchTable({ ...asked, against: AGAINST });
    expect(server.calls.at(-1)?.method).toBe('POST');
    expect(asks()).toMatchObject({ other: 'exp1/cnnvis' });
    await fetchTable(asked);
    expect(server.calls.at(-1)).toMatchObject({ method: 'GET' });
    expect(beside(null)).toEqual({});
  });
});

describe('the samples of a change', () => {
  it('come with the greatest difference of the loss first, unknown ones last', () => {
    expect([...matchedWhere(FOUND, () => true)]).toEqual([9, 4, 1, 6]);
    expect([...matchedWhere(FOUND, (place) => FOUND.change[place] === 2)]).toEqual([1]);
  });

  it('of a cell have both predictions; a head stands for any', () => {
    expect([...samplesOfCell(FOUND, { label: 0, prediction: 1 })]).toEqual([4]);
    expect([...samplesOfCell(FOUND, { label: null, prediction: 0 })]).toEqual([1, 6]);
    expect([...samplesOfCell(FOUND, { label: 0, prediction: null })]).toEqual([4]);
  });

  it('are found among the matched', () => {
    expect([1, 4, 6, 9].map((sample) => placeOf(FOUND.index, sample))).toEqual([0, 1, 2, 3]);
  });
});

describe('the matrix of both predictions', () => {
  const model = disagreementModel(FOUND);
  it('has a row for every class of either run', () => {
    expect(model.size).toBe(3);
    expect(model.names).toEqual(['cat', '=dog', 'frog']);
    expect([0, 1, 2].map((at) => model.levels[at * 4])).toEqual([CORRECT, CORRECT, CORRECT]);
    expect(model.levels[2]).toBe(NONE);
    expect(model.levels[6]).toBeGreaterThan(CORRECT);
  });

  it('tells counts and shares', () => {
    expect(model.text(2, 0, 5)).toBe('1');
    expect(model.facts(2, 0)).toEqual([['samples', '1'], ['of the other’s prediction', '100.0% of 1'], ['of this run’s prediction', '50.0% of 2']]);
    expect(model.facts(-1, 0)).toEqual([['predicted by this run', '2']]);
  });
});

describe('alignment', () => {
  const fixed = Float32Array.of(0, 0, 4, 0, 4, 2, NaN, NaN, 1, 5, 9, 9);
  const index = Int32Array.of(0, 1, 2, 3, 4);
  const turned = (mirror: number): Float32Array => {
    const [cos, sin] = [Math.cos(2), Math.sin(2)];
    const moving = new Float32Array(10);
    for (let k = 0; k < 5; k++) {
      const [x, y] = [fixed[2 * k]!, mirror * fixed[2 * k + 1]!];
      moving[2 * (4 - k)] = 3 * (cos * x - sin * y) + 7;
      moving[2 * (4 - k) + 1] = 3 * (sin * x + cos * y) - 2;
    }
    return moving;
  };

  it.each([1, -1])('undoes a turn, a shift and a scale (mirrored: %i)', (mirror) => {
    const { xy, fixed: kept, correlation } = align(fixed, turned(mirror), index, Int32Array.of(4, 3, 2, 1, 0));
    expect(correlation).toBeCloseTo(1, 5);
    for (const at of [0, 1, 2, 4]) {
      expect(xy[2 * at]).toBeCloseTo(fixed[2 * at]!, 4);
      expect(xy[2 * at + 1]).toBeCloseTo(fixed[2 * at + 1]!, 4);
    }
    expect(kept[10]).toBeNaN();
    expect(xy[10]).toBeNaN();
    expect(xy[6]).toBeNaN();
  });

  it('is the best of all turns and mirrorings', () => {
    const moving = Float32Array.of(1, 2, -3, 0.5, 2, 2, 0, -4, 5, 1);
    const own = Float32Array.of(0, 1, 2, -1, 3, 3, -2, 2, 1, -4);
    const { xy } = align(own, moving, index, index);
    const off = (points: ArrayLike<number>): number => own.reduce((sum, value, k) => sum + (value - points[k]!) ** 2, 0);
    const centred = (points: Float32Array): number[] => {
      const mean = [0, 1].map((axis) => points.reduce((sum, value, k) => (k % 2 === axis ? sum + value / 5 : sum), 0));
      return Array.from(points, (value, k) => value - mean[k % 2]!);
    };
    const [a, b] = [centred(own), centred(moving)];
    const scale = Math.sqrt(a.reduce((sum, value) => sum + value ** 2, 0) / b.reduce((sum, value) => sum + value ** 2, 0));
    const shift = own.map((value, k) => value - a[k]!);
    for (const mirror of [1, -1]) {
      for (let angle = 0; angle < 6.28; angle += 0.01) {
        const points = new Float32Array(10);
        for (let k = 0; k < 10; k += 2) {
          const [u, v] = [scale * b[k]!, mirror * scale * b[k + 1]!];
          points[k] = Math.cos(angle) * u - Math.sin(angle) * v + shift[k]!;
          points[k + 1] = Math.sin(angle) * u + Math.cos(angle) * v + shift[k + 1]!;
        }
        expect(off(xy)).toBeLessThanOrEqual(off(points) + 1e-4);
      }
    }
  });
});

describe('files and words', () => {
  it('name classes, and leave unknown numbers empty', () => {
    expect(samplesCsv(FOUND).split('\n').slice(0, 4)).toEqual([
      'sample_index,other_sample_index,change,prediction,other_prediction,loss_difference,margin_difference',
      "1,3,wrong to right,cat,'=dog,-0.5,1",
      "4,0,right to wrong,'=dog,cat,2,-1",
      '6,1,different mistakes,cat,frog,,',
    ]);
    expect(disagreementCsv(FOUND).split('\n').slice(0, 2)).toEqual(["other \\ this run,cat,'=dog,frog", 'cat,0,1,0']);
    expect(overlapCsv({ layers: [{ layer: 'a', other_layer: 'b', overlap: 0.5, chance: 0.1, n: 9 }], leftOut: [], n: 9, of: 9, k: 3, metric: 'cosine' }))
      .toBe('layer,other_layer,overlap,chance,k,metric,n\na,b,0.5,0.1,3,cosine,9\n');
    expect(coordinatesCsv({ fixed: Float32Array.of(0, 0, 1, 2), xy: Float32Array.of(0, 0, 3, 4) }, Int32Array.of(1))).toBe('sample_index,x,y,other_x,other_y\n1,1,2,3,4\n');
  });

  it('write small p as powers', () => {
    expect([1, 0.0314, 7.4e-9, 4.3e-157, 0].map(formatP)).toEqual(['1.000', '0.031', '7.4·10⁻⁹', '4.3·10⁻¹⁵⁷', '0']);
  });
});
