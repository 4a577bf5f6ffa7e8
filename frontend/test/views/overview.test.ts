import { describe, expect, it } from 'vitest';
import { type LayerInfo, type SplitInfo, type SplitSummary, type Step } from '../../src/schema';
import { chooseExamples, countClasses, countWrong } from '../../src/views/overview/facts';
import { initiallyClosed, isChain, modelGraph } from '../../src/views/overview/graph';
import { type PlacedNode, layoutGraph } from '../../src/views/overview/graph_layout';
import { sheetMeasures } from '../../src/views/overview/sheet';
import { metricOf, orderedSplits, stepsWithBrokenLosses } from '../../src/views/overview/splits';
import { epochsCsv, layersCsv } from '../../src/views/overview/tables';

function layer(path: string, inputs: string[], type = 'Conv2D'): LayerInfo {
  return {
    path, type, role: 'convolution', output_shape: [8, 8, 4], trainable: 10, frozen: 0,
    inputs, activation: null, statistics: true, embedding: false, convolution: null, channel_axis: -1,
  };
}

function split(name: string, start: number, count: number): SplitInfo {
  return { name, start, count, total: count, low: 0, high: 1, channel_means: [], channel_stds: [], non_finite: 0 };
}

const BRANCHING = [
  layer('input', []),
  layer('left', ['input']),
  layer('right', ['input']),
  layer('add', ['left', 'right', 'input']),
];
const NESTED = [
  layer('image', []),
  layer('backbone/conv1', ['image']),
  layer('backbone/block/conv2', ['backbone/conv1']),
  layer('backbone/block/relu', ['backbone/block/conv2']),
  layer('dense', ['backbone']),
];

const overlap = (a: PlacedNode, b: PlacedNode): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the class histogram', () => {
  it('counts every split by itself, and unknown labels apart', () => {
    const labels = Int32Array.of(0, 0, 2, -1, 2, 1);
    const { counts, unknown, most } = countClasses(labels, [split('train', 0, 4), split('val', 4, 2)], 3);
    expect(counts.map((row) => [...row])).toEqual([[2, 0, 1], [0, 1, 1]]);
    expect(unknown).toEqual([1, 0]);
    expect(most).toBe(2);
  });

  it('holds for one class and for many', () => {
    expect(countClasses([0, 0], [split('a', 0, 2)], 1).most).toBe(2);
    const many = Int32Array.from({ length: 300 }, (_, i) => i % 150);
    expect([...(countClasses(many, [split('a', 0, 300)], 150).counts[0] ?? [])]).toEqual(Array(150).fill(2));
  });
});

describe('the sheet of images', () => {
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);

  it('takes as many of each class as fit, from one split, the same every time', () => {
    const rows = chooseExamples(labels, split('val', 30, 30), 3, 4, 0);
    expect(rows).toEqual(chooseExamples(labels, split('val', 30, 30), 3, 4, 0));
    rows.forEach((row, label) => {
      expect(new Set(row).size).toBe(4);
      row.forEach((i) => expect([i >= 30 && i < 60, labels[i]]).toEqual([true, label]));
    });
    expect(rows).not.toEqual(chooseExamples(labels, split('val', 30, 30), 3, 4, 1));
  });

  it('leaves a class without samples empty and unknown labels out', () => {
    expect(chooseExamples([0, -1, 0], split('a', 0, 3), 2, 5, 0).map((row) => row.length)).toEqual([2, 0]);
  });
});

describe('wrong predictions', () => {
  it('are counted among the shown samples whose label is known', () => {
    expect(countWrong([0, 1, 255, 0, 0], [1, 1, 1, 1, 0])).toEqual({ wrong: 2, known: 3 });
  });
});

describe('the model graph', () => {
  it('knows a chain from a branching model', () => {
    expect(isChain([layer('a', []), layer('b', ['a']), layer('c', ['b'])])).toBe(true);
    expect(isChain(BRANCHING)).toBe(false);
    expect(isChain(NESTED)).toBe(false);
  });

  it('places what is fed below what feeds it, branches side by side, nothing over another', () => {
    const { nodes, edges } = layoutGraph(modelGraph(BRANCHING, new Set()));
    const at = new Map(nodes.map((node) => [node.id, node]));
    expect(edges.map(({ from, to }) => `${from}>${to}`)).toEqual([
      'input>left', 'input>right', 'left>add', 'right>add', 'input>add',
    ]);
    for (const { from, to, points } of edges) {
      expect(at.get(from)!.y + at.get(from)!.height).toBeLessThan(at.get(to)!.y);
      expect(points.length).toBeGreaterThan(1);
    }
    expect(at.get('left')!.y).toBe(at.get('right')!.y);
    nodes.forEach((a, i) => nodes.slice(i + 1).forEach((b) => expect(overlap(a, b)).toBe(false)));
  });

  it('frames nested models around their layers', () => {
    const graph = modelGraph(NESTED, new Set());
    expect(graph.models).toEqual(['backbone', 'backbone/block']);
    expect(graph.edges).toContainEqual(['backbone/block/relu', 'dense']);
    const { frames, nodes, width, height } = layoutGraph(graph);
    const outer = frames.find((frame) => frame.id === 'backbone')!;
    for (const node of nodes) {
      const within = node.y >= outer.y && node.y + node.height <= outer.y + outer.height;
      expect(within).toBe(node.id.startsWith('backbone/'));
      expect(node.x >= 0 && node.x + node.width <= width && node.y + node.height <= height).toBe(true);
    }
    const image = nodes.find((node) => node.id === 'image')!;
    expect(image.y + image.height).toBeLessThan(outer.y);
    const block = frames.find((frame) => frame.id === 'backbone/block')!;
    expect([block.name, block.parent, block.inside]).toEqual(['block', 'backbone', 2]);
    expect(block.y > outer.y && block.y + block.height < outer.y + outer.height).toBe(true);
    for (const frame of frames) {
      const title = { ...frame, height: 16, width: frame.name.length * 6 };
      [...nodes, ...frames.filter((other) => other.y > frame.y)].forEach((other) => expect(overlap(title, other)).toBe(false));
    }
  });

  it('draws a closed model as one node that keeps its connections', () => {
    const { nodes, edges } = modelGraph(NESTED, new Set(['backbone']));
    expect(nodes.map((node) => node.id)).toEqual(['image', 'backbone', 'dense']);
    expect(nodes[1]).toMatchObject({ inside: 3, open: false, layer: null });
    expect(edges).toEqual([['image', 'backbone'], ['backbone', 'dense']]);
  });

  it('takes an entry for the nested model itself as its frame, not as one more layer', () => {
    const listed = [NESTED[0]!, layer('backbone', ['image'], 'Functional'), ...NESTED.slice(1)];
    const graph = modelGraph(listed, new Set());
    expect(graph.nodes.filter((node) => node.id === 'backbone')).toMatchObject([{ inside: 3, layer: null }]);
    expect(graph.edges).toEqual(modelGraph(NESTED, new Set()).edges);
  });

  it('starts with large nested models closed', () => {
    const large = Array.from({ length: 60 }, (_, k) => layer(`big/l${k}`, k ? [`big/l${k - 1}`] : []));
    expect(initiallyClosed([...large, ...NESTED])).toEqual(new Set(['big']));
  });
});

describe('the curves', () => {
  const summary = (name: string, loss: number, nonFinite = 0) => ({
    name, loss, accuracy: 0.5, balanced_accuracy: 0.4, non_finite: nonFinite,
  });
  const step = (epoch: number, splits: SplitSummary[]): Step => ({
    step: epoch, attempt: 'a', wall_time: 0, splits, learning_rate: 0.1, restored_from: null, model: null, logs: {}, seconds: 0,
  });
  const logged = [
    step(0, [summary('train', 2), summary('validation', 3)]),
    step(1, [summary('train', 1, 2), summary('validation', NaN, 9)]),
    step(4, [summary('validation', 1)]),
  ];

  it('put the split that is held out first', () => {
    expect(orderedSplits([split('train', 0, 1), split('validation', 1, 1)])).toEqual(['validation', 'train']);
    expect(orderedSplits([split('train', 0, 1), split('hospital', 1, 1)])).toEqual(['hospital', 'train']);
    expect(orderedSplits([split('train', 0, 1)])).toEqual(['train']);
  });

  it('leave a gap where an epoch has no finite mean or lacks the split', () => {
    expect(metricOf(logged, 'validation', 'loss')).toEqual([3, NaN, 1]);
    expect(metricOf(logged, 'train', 'loss')).toEqual([2, 1, NaN]);
    expect(stepsWithBrokenLosses(logged)).toEqual([1]);
  });

  it('are exported as one line an epoch and split', () => {
    expect(epochsCsv(logged).split('\n').slice(0, 4)).toEqual([
      'epoch,split,loss,accuracy,balanced_accuracy,non_finite,learning_rate',
      '0,train,2,0.5,0.4,0,0.1',
      '0,validation,3,0.5,0.4,0,0.1',
      '1,train,1,0.5,0.4,2,0.1',
    ]);
  });
});

describe('the table of layers as CSV', () => {
  it('quotes what would break a line', () => {
    const odd = { ...layer('a,"b"', ['x', 'y']), output_shape: [null, 4] };
    expect(layersCsv([odd]).split('\n')[1]).toBe('"a,""b""",Conv2D,convolution,?×4,10,0,,x y');
  });
});

describe('the measures of the sheet', () => {
  it.each([
    [370, 10, 1, 33],
    [370, 120, 1, 28],
    [240, 1, 4, 56],
    [1200, 1, 6, 56],
    [240, 2, 2, 56],
  ])('in %i px, %i classes have %i lines of %i px', (height, classes, lines, size) => {
    expect(sheetMeasures(height, classes)).toEqual({ lines, size });
  });
});
