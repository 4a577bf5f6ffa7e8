import { describe, expect, it } from 'vitest';
import { type Channels, type Layers, type Maps } from '../../src/api';
import { placeIn, rampOf } from '../../src/draw/ramp';
import { isSpatial, mapShape } from '../../src/store';
import { findingOf, findingsOf, orderOf, timelineOf } from '../../src/views/layers/channel_model';
import { AXIS, cellUnder, layoutTimeline } from '../../src/views/layers/draw_timeline';
import { channelsCsv, deadCsv, kernelCsv } from '../../src/views/layers/files';
import { kernelModel, largestWeight } from '../../src/views/layers/kernel_model';
import { mapModel, orderChannels } from '../../src/views/layers/map_model';
import { type Raster, fitTiles, largest, layoutTiles, paintTile, tilePlace, valueUnder } from '../../src/views/layers/tiles';

/** Row-major values of a raster. */
const values = ({ data, width, height, at }: Raster): number[] =>
  Array.from({ length: width * height }, (_, k) => data[at(k % width, Math.floor(k / width))]!);
const counted = (...shape: number[]): { data: Float32Array; shape: number[]; inChannels: null } => ({
  shape,
  inChannels: null,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, k) => k),
});

describe('a kernel', () => {
  it('of a Conv2D is W[:, :, c, f]', () => {
    const model = kernelModel({ ...counted(2, 3, 4, 5), axes: ['height', 'width', 'in', 'out'] });
    expect(model).toMatchObject({ height: 2, width: 3, depth: 1, nIn: 4, nOut: 5 });
    expect(values(model.slice(4, 1, 0))).toEqual([0, 1, 2, 3, 4, 5].map((place) => place * 20 + 1 * 5 + 4));
  });

  it('of a transposed convolution has its filters before its inputs', () => {
    const model = kernelModel({ ...counted(1, 2, 5, 4), axes: ['height', 'width', 'out', 'in'] });
    expect([model.nIn, model.nOut]).toEqual([4, 5]);
    expect(values(model.slice(3, 2, 0))).toEqual([3 * 4 + 2, 20 + 3 * 4 + 2]);
  });

  it('of a depthwise convolution has a filter for each input channel and multiplier', () => {
    const model = kernelModel({ ...counted(1, 2, 3, 2), axes: ['height', 'width', 'in', 'multiplier'] });
    expect(model).toMatchObject({ nIn: 1, nOut: 6, depthwise: true });
    expect(values(model.slice(3, 0, 0))).toEqual([1 * 2 + 1, 6 + 1 * 2 + 1]);
    expect([3, 4].map((filter) => model.channelOf(filter, 0))).toEqual([1, 2]);
  });

  it('of a grouped convolution reads the input channels of the group', () => {
    const of = { ...counted(1, 1, 2, 6), axes: ['height', 'width', 'in', 'out'] };
    const model = kernelModel({ ...of, inChannels: 6 });
    expect(model).toMatchObject({ nIn: 2, nOut: 6, groups: 3, depthwise: false });
    expect([0, 1, 2, 5].map((filter) => [model.channelOf(filter, 0), model.channelOf(filter, 1)])).toEqual([[0, 1], [0, 1], [2, 3], [4, 5]]);
    for (const inChannels of [2, null, 5]) expect(kernelModel({ ...of, inChannels })).toMatchObject({ groups: 1 });
  });

  it('of a Conv1D is one row, of a Conv3D a slice of its depth', () => {
    const line = kernelModel({ ...counted(3, 2, 2), axes: ['length', 'in', 'out'] });
    expect([line.height, line.width, values(line.slice(1, 1, 0))]).toEqual([1, 3, [3, 7, 11]]);
    const volume = kernelModel({ ...counted(2, 1, 2, 1, 3), axes: ['depth', 'height', 'width', 'in', 'out'] });
    expect([volume.depth, values(volume.slice(2, 0, 1))]).toEqual([2, [8, 11]]);
  });

  it('has the largest finite weight at the end of its scale', () => {
    expect(largestWeight({ data: Float32Array.of(1, -3, NaN, Infinity) })).toBe(3);
  });

  it('is written a line a weight', () => {
    const text = kernelCsv({ ...counted(1, 2, 1, 2), axes: ['height', 'width', 'in', 'out'], layer: 'a', step: 0, source: 'record', pointwise: false });
    expect(text).toBe('height,width,in,out,value\n0,0,0,0,0\n0,0,0,1,1\n0,1,0,0,2\n0,1,0,1,3\n');
  });
});

describe('tiles', () => {
  it('show a value as a whole number of pixels', () => {
    for (const side of [3, 5, 7, 14, 28, 32, 56]) {
      const { scale, width } = layoutTiles(800, 600, side, side, 72);
      expect(Number.isInteger(scale) && width === side * scale).toBe(true);
    }
    expect(layoutTiles(800, 600, 3, 3, 72)).toMatchObject({ scale: 24, width: 72 });
    expect(layoutTiles(800, 600, 224, 224, 72).width).toBe(72);
  });

  it('grow where all of them fit', () => {
    expect(fitTiles(800, 600, 3, 3, 72, 6).width).toBe(144);
    expect(fitTiles(800, 600, 3, 3, 72, 500).width).toBe(72);
    const one = layoutTiles(800, 600, 28, 28, null);
    expect([one.capacity, one.scale]).toEqual([1, Math.floor((600 - 10 - 18 - 8) / 28)]);
  });

  it('of one filter stand in one row where they fit', () => {
    const { columns, capacity } = fitTiles(800, 600, 3, 3, 44, 300, 3);
    expect([columns % 3, capacity % columns]).toEqual([0, 0]);
  });

  it('are found again by a point, with the value', () => {
    const layout = layoutTiles(400, 400, 3, 2, 72);
    const [left, top] = tilePlace(layout, layout.columns + 1);
    expect(valueUnder(layout, left + 2.5 * layout.scale, top + 1.5 * layout.scale)).toEqual({ tile: layout.columns + 1, x: 2, y: 1 });
    expect(valueUnder(layout, left - 1, top)).toBeNull();
    expect(valueUnder(layout, left, top + layout.height + 4)).toBeNull();
  });

  it('leave out what is not a number, and show a picture through small values', () => {
    const raster: Raster = { data: Float32Array.of(0, 2, NaN), width: 3, height: 1, at: (x) => x };
    const alpha = (pixels: Uint8ClampedArray): number[] => [3, 7, 11].map((k) => pixels[k]!);
    expect(largest(raster)).toBe(2);
    expect(alpha(paintTile({ rasters: [raster], most: 2 }, 'unsigned', false))).toEqual([255, 255, 0]);
    const over = { image: null as unknown as CanvasImageSource, opacity: 0.4 };
    expect(alpha(paintTile({ rasters: [raster], most: 2, over }, 'heat', false))).toEqual([0, 102, 0]);
  });
});

describe('colours', () => {
  const at = (scale: 'diverging' | 'unsigned', value: number, dark: boolean): number[] => {
    const from = 3 * Math.round(placeIn(scale, value, 2));
    return [...rampOf(scale, dark).subarray(from, from + 3)];
  };

  it('diverge from zero to purple below and orange above, in both themes', () => {
    for (const dark of [false, true]) {
      const [red, , blue] = at('diverging', 2, dark);
      expect(red! > blue!).toBe(true);
      const [low, , high] = at('diverging', -2, dark);
      expect(high! > low!).toBe(true);
      const zero = at('diverging', 0, dark);
      expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(10);
    }
    expect(at('diverging', -2, true)).toEqual([185, 163, 255]);
  });

  it('of a scale without extent are those of zero', () => {
    expect(placeIn('diverging', 0, 0)).toBe(128);
    expect(placeIn('unsigned', 0, 0)).toBe(0);
  });
});

const channels = (statistics: Partial<Channels['statistics']>, rest: Partial<Channels> = {}): Channels => {
  const row = new Float32Array(6).fill(NaN);
  return {
    layer: 'conv', step: 4, nChannels: 3, steps: Int32Array.of(2, 4), topSamples: new Int32Array(0), topValues: new Float32Array(0), nTop: 0,
    verdict: null, activation: 'relu', note: '',
    statistics: { mean: row, std: row, max: row, samples_above_zero: row, positions_above_zero: row, saturated: row, ...statistics },
    ...rest,
  };
};

describe('channels', () => {
  it('never fire on the samples on which they do not fire', () => {
    const { values: never, most, scale } = timelineOf(channels({ samples_above_zero: Float32Array.of(0, 0.25, 1, 0, 0.5, NaN) }), 'never');
    expect([...never, most, scale]).toEqual([1, 0.75, 0, 1, 0.5, NaN, 1, 'unsigned']);
  });

  it('have one scale over all epochs, around zero where any value is below it', () => {
    expect(timelineOf(channels({ max: Float32Array.of(1, 4, NaN, 2, Infinity, 0) }), 'max')).toMatchObject({ most: 4, scale: 'unsigned' });
    expect(timelineOf(channels({ mean: Float32Array.of(1, -4, 0, 2, 0, 0) }), 'mean')).toMatchObject({ most: 4, scale: 'diverging' });
  });

  it('are sorted by the shown epoch, those without a value last', () => {
    const timeline = timelineOf(channels({ max: Float32Array.of(9, 9, 9, 1, NaN, 2) }), 'max');
    expect(orderOf(timeline, 3, 1, true)).toEqual([2, 0, 1]);
    expect(orderOf(timeline, 3, 1, false)).toEqual([0, 1, 2]);
  });

  it('are told dead only where the layer is judged', () => {
    expect(findingsOf(channels({}))).toEqual([]);
    const judged = channels({}, { verdict: { dead: Uint8Array.of(0, 1, 0), almostDead: Uint8Array.of(0, 0, 1) } });
    const findings = findingsOf(judged);
    expect(findings).toEqual([{ name: 'dead', channels: [1] }, { name: 'almost dead', channels: [2] }]);
    expect([0, 1, 2].map((channel) => findingOf(findings, channel))).toEqual([null, 'dead', 'almost dead']);
  });

  it('are saturated at 95% of the positions of the shown epoch', () => {
    const found = findingsOf(channels({ saturated: Float32Array.of(1, 1, 1, 0.94, 0.96, 1) }));
    expect(found).toEqual([{ name: 'saturated', channels: [1, 2] }]);
  });

  it('are found in the heat map, scrolled or not', () => {
    const layout = layoutTimeline(500, 200 + AXIS, 100, 5);
    expect([layout.rowHeight, layout.total]).toEqual([4, 400]);
    const x = layout.left + 3.5 * layout.cellWidth;
    expect(cellUnder(layout, 0, 100, 5, x, 10)).toEqual({ row: 2, column: 3 });
    expect(cellUnder(layout, 200, 100, 5, x, 10)).toEqual({ row: 52, column: 3 });
    expect(cellUnder(layout, 0, 100, 5, x, 201)).toBeNull();
  });

  it('are written a line an epoch and channel', () => {
    const text = channelsCsv(channels({ mean: Float32Array.of(1, 2, 3, 4, 5, 6) }));
    expect(text.split('\n')[4]).toBe('4,0,4,,,,,');
  });
});

it('the report names the dead channels of every layer that is watched', () => {
  const entry = { path: 'conv', type: 'Conv2D', role: 'convolution', output_shape: [4, 4, 3], channel_axis: -1, activation: 'relu', statistics: true, embedding: false, kernel: null, maps: false, n_channels: 3, judged: true, dead: 2, almost_dead: 0, saturated: null };
  const others = [{ ...entry, path: 'sep', judged: false, dead: null, almost_dead: null }, { ...entry, path: 'flat', statistics: false }];
  const shown: Layers = { step: 4, layers: [entry, ...others], models: [], nSamples: 300, bound: 0.01 };
  const found = new Map([['conv', channels({}, { verdict: { dead: Uint8Array.of(1, 0, 1), almostDead: new Uint8Array(3) } })]]);
  const lines = deadCsv(shown, found).trim().split('\n');
  expect(lines.slice(1)).toEqual(['4,conv,Conv2D,relu,3,yes,2,0,,0 2,,300,0.01', '4,sep,Conv2D,relu,3,no,,,,,,300,0.01']);
});

describe('maps', () => {
  const maps: Maps = { layer: 'conv', step: 0, index: 3, shape: [1, 2, 3], height: 1, width: 2, channels: 3, source: 'model', data: Float32Array.of(0, 5, 1, 2, 3, 1) };

  it('are told by their channel, with mean and maximum', () => {
    const model = mapModel(maps);
    expect([[...model.mean], [...model.max], model.most, model.scale]).toEqual([[1, 4, 1], [2, 5, 1], 5, 'unsigned']);
    expect(values(model.raster(1))).toEqual([5, 3]);
    expect(mapModel({ ...maps, data: Float32Array.of(0, -7, 1, 2, 3, 1) })).toMatchObject({ most: 7, scale: 'diverging' });
  });

  it('of one axis are strips, of three axes slices below one another', () => {
    const strip = mapModel({ ...maps, shape: [24, 3], width: 24, data: new Float32Array(72) });
    expect(strip).toMatchObject({ proportions: [24, 3], slices: 1, how: 'as strips of 1×24' });
    expect(strip.place(5, 0)).toEqual(['position', '5']);
    const volume = mapModel({ ...maps, shape: [2, 4, 5, 1], height: 8, width: 5, channels: 1, data: Float32Array.from({ length: 40 }, (_, k) => k) });
    expect(volume).toMatchObject({ proportions: [5, 8], slices: 2, how: '2 slices below one another' });
    const { data, at } = volume.raster(0);
    expect([data[at(3, 6)], volume.place(3, 6)]).toEqual([1 * 20 + 2 * 5 + 3, ['slice, row, column', '1, 2, 3']]);
    expect(mapModel(maps)).toMatchObject({ proportions: [2, 1], slices: 1, how: '' });
  });

  it('are given by layers whose channels have more than one position, wherever the channels stand', () => {
    const given = (output_shape: number[] | null, channel_axis = -1, role = 'other'): boolean => isSpatial({ role, output_shape, channel_axis });
    expect([given([118, 4]), given([5, 3, 3, 2]), given([1, 7, 2]), given([4, 118], 1)]).toEqual([true, true, true, true]);
    expect([given([118]), given([1, 4]), given([1, 1, 4]), given([4, 1, 1], 1), given([]), given(null), given([8, 8, 1], -1, 'input')]).toEqual(Array(7).fill(false));
    expect(mapShape({ role: 'other', output_shape: [4, 5, 6], channel_axis: 1 })).toEqual([5, 6, 4]);
  });

  it('are sorted by index, mean or maximum, ties by index', () => {
    const model = mapModel(maps);
    expect((['index', 'mean', 'max'] as const).map((by) => orderChannels(model, by))).toEqual([[0, 1, 2], [1, 0, 2], [1, 0, 2]]);
  });
});
