import { describe, expect, it } from 'vitest';
import { type Viewport, fitViewport, pan, zoomAt } from '../../src/draw/viewport';
import { type RunPayload } from '../../src/schema';
import { type Medians } from '../../src/store';
import { countRegions, mapLayout, membersOfRegion, regionOf, shownRange } from '../../src/views/dynamics/cartography_model';
import { mapCsv } from '../../src/views/dynamics/map_files';
import { GAP, type Group, HEAD, gridOf, groupsOf, listed, mediansCsv, sharedLimits } from '../../src/views/dynamics/medians_model';
import { goldenJson } from '../golden';

const VARIABILITY = [0.1, 0.1, 0.25, 0.4, NaN, 0];
const CONFIDENCE = [0.5, 0.49, 0.9, 0.5, NaN, 1];
const ALL = new Uint8Array(6).fill(1);

describe('the regions of the data map', () => {
  it('are ambiguous from half of the variability that is possible, else parted at half of the confidence', () => {
    expect(VARIABILITY.map((value, i) => regionOf(value, CONFIDENCE[i]!))).toEqual([0, 2, 1, 1, -1, 0]);
  });

  it('count the shown samples, and those without a label apart', () => {
    expect(countRegions(VARIABILITY, CONFIDENCE, ALL)).toEqual({ counts: [2, 2, 1], missing: 1 });
    expect(countRegions(VARIABILITY, CONFIDENCE, [0, 1, 1, 0, 0, 0])).toEqual({ counts: [0, 1, 1], missing: 0 });
  });

  it('select as many samples as they count', () => {
    const { counts } = countRegions(VARIABILITY, CONFIDENCE, ALL);
    const sets = counts.map((_, region) => [...membersOfRegion(region, VARIABILITY, CONFIDENCE, ALL).indices()]);
    expect(sets).toEqual([[0, 5], [2, 3], [1]]);
  });
});

describe('the plot', () => {
  const viewport = (aspect: number): Viewport => fitViewport([0, aspect, 0, 1], 400, 200, 0);

  it('is as wide as its place, with the whole range of both axes', () => {
    const xy = mapLayout([0, 0.5, NaN], [0, 1, 0.5], 2);
    expect([...xy.subarray(0, 4)]).toEqual([0, 0, 2, 1]);
    expect(xy[4]).toBeNaN();
    expect(shownRange(viewport(2), 2)).toEqual({ x: [0, 0.5], y: [0, 1] });
  });

  it('tells what it shows of the axes after a zoom, never more than there is', () => {
    const fit = viewport(2);
    const { x, y } = shownRange(zoomAt(fit, 2, 0, 200, fit), 2);
    expect([...x, ...y]).toEqual([0, 0.25, 0, 0.5]);
    const moved = shownRange(pan(fit, 100, 0), 2);
    expect(moved.x).toEqual([0, 0.375]);
  });
});

it('the file of the map has the shown samples that lie on it, with their region', () => {
  const payload = goldenJson<RunPayload>('run.json');
  const labels = [0, 1, 2, 0, -1, 1];
  const lines = mapCsv({ variability: VARIABILITY, confidence: CONFIDENCE, correctness: [1, 0.5, 0, 0.25, NaN, 1], labels }, payload, [1, 0, 1, 1, 1, 1]).trim().split('\n');
  expect(lines[0]).toBe('sample_index,split,label,variability,confidence,correctness,region');
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['0', '2', '3', '5']);
  const [index, split, label, ...rest] = lines[2]!.split(',');
  expect([index, split, label]).toEqual(['2', payload.manifest.splits.find(({ start, count }) => 2 < start + count)?.name, payload.manifest.class_names[2]]);
  expect(rest).toEqual(['0.25', '0.9', '0', 'ambiguous']);
});

const trajectory = (group: number | string, median: number[], spread = 1): Medians['groups'][number] => ({
  group,
  count: 3,
  median: Float32Array.from(median),
  q10: Float32Array.from(median, (value) => value - spread),
  q25: Float32Array.from(median, (value) => value - spread / 2),
  q75: Float32Array.from(median, (value) => value + spread / 2),
  q90: Float32Array.from(median, (value) => value + spread),
});
const medians = (by: Medians['by'], groups: Medians['groups']): Medians => ({ by, of: 'loss', steps: Int32Array.of(0, 2), groups });

describe('the medians', () => {
  const groups = groupsOf(medians('label', [trajectory(0, [3, 1]), trajectory(2, [2, NaN]), trajectory(1, [1, 4])]), ['ant', 'bee', 'cat']);
  const names = (found: readonly Group[]): string[] => found.map(({ name }) => name);

  it('are named by class, by split, or as the set that they are of', () => {
    expect(groups.map(({ name, classIndex }) => [name, classIndex])).toEqual([['ant', 0], ['cat', 2], ['bee', 1]]);
    expect(names(groupsOf(medians('split', [trajectory('train', [1, 1])]), ['ant']))).toEqual(['train']);
    expect(names(groupsOf(medians('all', [trajectory('all', [1, 1])]), ['ant']))).toEqual(['all samples']);
    expect(groupsOf(medians('selected', [trajectory('selected', [1, 1])]), ['ant'])[0]?.classIndex).toBeNull();
  });

  it('are found by a part of their name, and ordered by what is worst at an epoch, missing ones last', () => {
    expect(names(listed(groups, 'B', null, false))).toEqual(['bee']);
    expect(names(listed(groups, '', 1, false))).toEqual(['bee', 'ant', 'cat']);
    expect(names(listed(groups, '', 1, true))).toEqual(['ant', 'bee', 'cat']);
    expect(names(listed(groups, '', null, false))).toEqual(['ant', 'cat', 'bee']);
  });

  it('share one axis that holds every band', () => {
    expect(sharedLimits(groups)).toEqual([0, 5]);
    expect(sharedLimits(groupsOf(medians('label', [trajectory(0, [-3, -3])]), ['ant']))).toEqual([-4, 0]);
    expect(sharedLimits([])).toEqual([0, 1]);
  });

  it('fill their place where all fit, otherwise become a list that scrolls', () => {
    const room = 700;
    const ten = gridOf(10, 400, room);
    expect(ten.across).toBe(2);
    expect(5 * (HEAD + ten.height + GAP) - GAP).toBeLessThanOrEqual(room);
    expect(6 * (HEAD + ten.height + GAP) - GAP).toBeGreaterThan(room);
    const many = gridOf(120, 400, room);
    expect(60 * (HEAD + many.height + GAP)).toBeGreaterThan(room);
    expect(gridOf(2, 400, room).across).toBe(1);
    expect(gridOf(10, 150, room).across).toBe(1);
    expect(2 * many.width + GAP).toBeLessThanOrEqual(400);
  });

  it('have a line an epoch in their file, empty where nothing is known', () => {
    const lines = mediansCsv(medians('label', []), groups).trim().split('\n');
    expect(lines.slice(0, 3)).toEqual(['label,n,epoch,loss_median,q10,q25,q75,q90', 'ant,3,0,3,2,2.5,3.5,4', 'ant,3,2,1,0,0.5,1.5,2']);
    expect(lines[4]).toBe('cat,3,2,,,,,');
  });
});
