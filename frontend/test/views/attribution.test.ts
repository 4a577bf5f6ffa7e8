import { describe, expect, it } from 'vitest';
import { type Attribution, type Deletion, type Sheet } from '../../src/api';
import { boundsOf, choiceOf, defaultSpec, forwardsOf, parametersOf, parseChoices, specOf, specWords, wireParameters } from '../../src/store/attribution_specs';
import { exportedGrid, mapCsv } from '../../src/views/attribution/exports';
import { colourOf, gradientOf, largest, paintMap, scaleOf } from '../../src/views/attribution/paint';
import { numberProblem } from '../../src/views/attribution/parameters';
import { enlarged, shownName, shownUnit, shownValues } from '../../src/views/attribution/picture';
import { randomOrders } from '../../src/views/attribution/random_orders';
import { emptySheet, sheetMaps } from '../../src/views/attribution/sheet';
import { shownMaps } from '../../src/views/attribution/sheet_files';
import { pointText } from '../../src/views/attribution/tile';
import { floatsNpy } from '../../src/views/shared/npy';

const occlusion = defaultSpec('occlusion', [28, 28]);

describe('the scale of a map', () => {
  it('begins at zero, lies around it where some values speak against the class, or spans a range', () => {
    expect(scaleOf([[0, 0.2, 0.5]])).toEqual({ kind: 'unsigned', low: 0, high: 0.5 });
    expect(scaleOf([[-0.01, 0.5]])).toEqual({ kind: 'unsigned', low: 0, high: 0.5 });
    expect(scaleOf([[-0.2, 0.5]])).toEqual({ kind: 'signed', low: -0.5, high: 0.5 });
    expect(scaleOf([[0.3, 0.9]], true)).toEqual({ kind: 'range', low: 0.3, high: 0.9 });
  });

  it('of several maps holds all of them, and leaves out what is not finite', () => {
    expect(scaleOf([[0, 1], [NaN, 3], [Infinity]])).toEqual({ kind: 'unsigned', low: 0, high: 3 });
    expect(scaleOf([[NaN]])).toEqual({ kind: 'unsigned', low: 0, high: 0 });
  });

  it('is opaque at its largest value and clear at zero, in two hues where it is signed', () => {
    const unsigned = scaleOf([[0, 2]]);
    expect([colourOf(0, unsigned).alpha, colourOf(2, unsigned).alpha]).toEqual([0, 1]);
    const signed = scaleOf([[-1, 2]]);
    expect(colourOf(0, signed).alpha).toBe(0);
    expect(colourOf(-1, signed).rgb).not.toEqual(colourOf(1, signed).rgb);
    expect(colourOf(-1, signed).alpha).toBe(colourOf(1, signed).alpha);
    expect(gradientOf(signed).match(/rgb/g)).toHaveLength(17);
  });
});

describe('a map over its picture', () => {
  const picture = Uint8ClampedArray.of(200, 100, 0, 255, 200, 100, 0, 255);
  const scale = scaleOf([[0, 1]]);

  it('shows the picture as it is without the map', () => {
    expect([...paintMap(picture, [0, 1], scale, 0)]).toEqual([...picture]);
  });

  it('is darker and grey where the map is zero, and the scale’s own colour where it is largest', () => {
    const painted = paintMap(picture, [0, 1], scale, 1);
    const [red = 0, green, blue] = painted;
    expect([green, blue]).toEqual([red, red]);
    expect(red).toBeLessThan(100);
    expect([...painted.subarray(4, 7)]).toEqual([...colourOf(1, scale).rgb]);
  });

  it('lets what lies below be seen where it has no value', () => {
    expect(paintMap(picture, [NaN, 1], scale, 1)[3]).toBeLessThan(255);
  });

  it('names the first pixel of the largest value', () => {
    expect(largest([0, NaN, 3, 1, 3, 2], 3)).toEqual({ value: 3, x: 2, y: 0 });
    expect(largest([NaN], 1)).toBeNull();
  });
});

describe('what an occlusion map says', () => {
  const found = { map: Float32Array.of(0.25, 0.75), width: 2, height: 1, baseline: 0.75 } as Attribution;

  it('is the drop of the score, or the score', () => {
    expect([...shownValues(occlusion, found)]).toEqual([0.5, 0]);
    expect([...shownValues({ ...occlusion, show: 'score' }, found)]).toEqual([0.25, 0.75]);
    expect([...shownValues(defaultSpec('gradient', [1, 2]), found)]).toEqual([0.25, 0.75]);
  });

  it('at a pixel is said with the score that nothing was hidden from', () => {
    expect(pointText(shownValues(occlusion, found), found, { x: 0, y: 0 }, occlusion)).toBe('x 0, y 0: drop 0.5 of 0.75');
    expect(pointText(Float32Array.of(NaN), { ...found, width: 1 }, { x: 0, y: 0 }, occlusion)).toContain('not covered');
  });
});

describe('a raw Grad-CAM map', () => {
  const raw = { data: Float32Array.of(-1, 2), height: 1, width: 2 };
  const found = { map: Float32Array.of(0, 1, 1, 0, 1, 1), width: 3, height: 2, baseline: 0.75, raw } as unknown as Attribution;
  const spec = { ...defaultSpec('grad_cam', [2, 3]), cam: 'raw' };

  it('lies over the image, each value over the pixels that it stands for', () => {
    expect([...shownValues(spec, found)]).toEqual([-1, -1, 2, -1, -1, 2]);
    expect([...enlarged({ data: Float32Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 3 }, 1, 2)]).toEqual([1, 2]);
    expect(shownUnit(spec, { unit: 'Grad-CAM' })).toBe('Grad-CAM, raw');
    expect([...shownValues({ ...spec, cam: 'heat' }, found)]).toEqual([0, 1, 1, 0, 1, 1]);
  });

  it('is saved at its own size, and goes into a link', () => {
    expect(exportedGrid(spec, found)).toBe(raw);
    expect(choiceOf(spec, [2, 3])).toEqual({ method: 'grad_cam', cam: 'raw' });
    expect(wireParameters(spec), 'it is not computed anew').toEqual({});
  });
});

describe('random orders', () => {
  it('are told once of each class whose score is explained', () => {
    const of = (index: number, area: number): Deletion => ({ class: index, area }) as Deletion;
    expect(randomOrders([of(4, 1), of(2, 2), of(4, 3)]).map(({ area }) => area)).toEqual([1, 2]);
    expect(randomOrders([])).toEqual([]);
  });
});

describe('a sheet', () => {
  it('shows its samples before the first map is there', () => {
    expect(sheetMaps(emptySheet([3, 7]), occlusion).map(({ index, values }) => [index, values.length])).toEqual([[3, 0], [7, 0]]);
  });

  it('is saved as it is shown; what is not made yet is NaN', () => {
    const sheet = { index: Int32Array.of(3, 7), maps: Float32Array.of(0.25, 0.5, NaN, NaN), height: 1, width: 2, baseline: Float32Array.of(1, NaN), classes: Int32Array.of(0, -1) } as unknown as Sheet;
    expect([...shownMaps(sheet, occlusion)]).toEqual([0.75, 0.5, NaN, NaN]);
    expect([...shownMaps(sheet, { ...occlusion, show: 'score' })]).toEqual([0.25, 0.5, NaN, NaN]);
    expect([shownName(occlusion), shownName({ ...occlusion, show: 'score' })]).toEqual(['occlusion-drop', 'occlusion-score']);
  });
});

describe('how a map is asked for', () => {
  it('has a patch and stride that fit the images', () => {
    expect(occlusion).toMatchObject({ height: 6, width: 6, stride: 1 });
    expect(defaultSpec('occlusion', [224, 224])).toMatchObject({ height: 45, width: 45, stride: 8 });
    expect(defaultSpec('occlusion', [3, 2])).toMatchObject({ height: 1, width: 1, stride: 1 });
    expect(defaultSpec('occlusion', [20, 300]), 'every pixel is covered').toMatchObject({ height: 4, width: 4, stride: 4 });
  });

  it('tells the passes that it takes; a patch at the border counts where the stride does not divide', () => {
    expect(forwardsOf(occlusion, [28, 28])).toBe(23 * 23);
    expect(forwardsOf({ ...occlusion, height: 8, width: 8, stride: 8 }, [37, 53])).toBe(5 * 7);
    expect(forwardsOf(defaultSpec('smooth_grad', [28, 28]), [28, 28])).toBe(32);
    expect(forwardsOf(defaultSpec('grad_cam', [28, 28]), [28, 28])).toBe(1);
  });

  it('sends what the method reads: a value or a seed only where the fill is made of it', () => {
    expect(wireParameters(occlusion)).toEqual({ height: 6, width: 6, stride: 1, fill: 'zero' });
    expect(wireParameters({ ...occlusion, fill: 'value', value: 0.5 })).toMatchObject({ fill: 'value', value: 0.5 });
    expect(parametersOf({ method: 'occlusion', fill: 'noise', baseline: 'zero' })).toContain('seed');
    expect(wireParameters(defaultSpec('grad_cam', [28, 28]))).toEqual({});
    expect(wireParameters({ ...defaultSpec('grad_cam', [28, 28]), layer: 'conv' })).toEqual({ layer: 'conv' });
  });

  it('goes into a link by what differs from the defaults, and comes back', () => {
    const own = { ...occlusion, target: 'label' as const, stride: 3, fill: 'noise', seed: 7, sigma: 2 };
    const choice = choiceOf(own, [28, 28]);
    expect(choice).toEqual({ method: 'occlusion', target: 'label', stride: 3, fill: 'noise', seed: 7 });
    const [read] = parseChoices(JSON.stringify([choice]), 3)!;
    expect(specOf(read!, [28, 28], [])).toEqual({ ...own, sigma: 0 });
  });

  it('leaves out what a link cannot mean, and what does not fit the run', () => {
    expect(parseChoices('{', 3)).toBeUndefined();
    expect(parseChoices('[{"method": "magic"}]', 3)).toBeUndefined();
    expect(parseChoices('[{"method": "occlusion", "fill": "gold", "stride": 1.5, "height": 99, "target": -1}]', 3)).toEqual([{ method: 'occlusion', height: 99 }]);
    expect(specOf({ method: 'occlusion', height: 99 }, [28, 28], []).height).toBe(6);
    expect(specOf({ method: 'grad_cam', layer: 'gone' }, [28, 28], ['conv']).layer).toBe('');
  });

  it('is said in words', () => {
    expect(specWords(occlusion)).toBe('6×6 px, stride 1, fill zero');
    expect(specWords(defaultSpec('grad_cam', [28, 28]), 'conv3')).toBe('conv3');
  });

  it('tells the limits of a number that is out of them', () => {
    const patch = { min: 1, max: 28, whole: true };
    expect([numberProblem('28', patch), numberProblem('29', patch), numberProblem('2.5', patch), numberProblem('', patch)]).toEqual(
      [null, 'A whole number, 1 to 28', 'A whole number, 1 to 28', 'A whole number, 1 to 28'],
    );
    expect(numberProblem('-3.5', boundsOf('value', [28, 28], 'float32'))).toBeNull();
    expect(numberProblem('-3.5', boundsOf('value', [28, 28], 'uint8'))).toBe('A number, 0 to 255');
    expect(numberProblem('-3.5', boundsOf('value', [28, 28], 'int8'))).toBeNull();
  });
});

describe('a map as a file', () => {
  it('is an array for numpy.load', () => {
    const bytes = floatsNpy(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const text = new TextDecoder('latin1').decode(bytes);
    expect(text).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    const length = new DataView(bytes.buffer).getUint16(8, true);
    expect((10 + length) % 64).toBe(0);
    expect([...new Float32Array(bytes.buffer.slice(10 + length))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('holds what is shown', () => {
    const found = { map: Float32Array.of(0.25, 0.75), width: 2, height: 1, baseline: 0.75 } as Attribution;
    expect(exportedGrid(occlusion, found)).toEqual({ data: Float32Array.of(0.5, 0), height: 1, width: 2 });
  });

  it('has a line a row in CSV; what is not covered is empty', () => {
    expect(mapCsv(Float32Array.of(1, 2, NaN, 4), 2)).toBe('y \\ x,0,1\n0,1,2\n1,,4\n');
  });
});
