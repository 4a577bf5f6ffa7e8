import { batch } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { SampleSet, confusion, followPicked, pick, picked, positive, positiveClass, selected, shownSplits, slicedBy, sliceFields, step, thresholdCurves, undoSelection } from '../../src/store';
import { decidingScores, membersOfCells, membersOfOutcomes, membersOfSlices, sliceName } from '../../src/store/confusion';
import { startSelectionHistory } from '../../src/store/selection_history';
import { encodeColumns } from '../columns';
import { goldenBytes } from '../golden';
import { until } from '../server';
import { openRun, serveEachTest, served, stops, watch } from './served';

const LABELS = Int32Array.of(0, 1, 1, -1, 0, 1);
const PREDICTIONS = Int32Array.of(0, 0, 0, 0, 1, -1);
const ALL = new Uint8Array(6).fill(1);
const of = (set: SampleSet): number[] => [...set.indices()];

describe('the samples of a cell', () => {
  it('have its label and its prediction', () => {
    expect(of(membersOfCells([{ label: 1, prediction: 0 }], LABELS, PREDICTIONS, ALL))).toEqual([1, 2]);
  });

  it('are those of the shown splits', () => {
    const shown = Uint8Array.of(1, 1, 0, 0, 0, 0);
    expect(of(membersOfCells([{ label: 1, prediction: 0 }], LABELS, PREDICTIONS, shown))).toEqual([1]);
  });

  it('are of a whole row, with those that have no prediction, or of a whole column', () => {
    expect(of(membersOfCells([{ label: 1, prediction: null }], LABELS, PREDICTIONS, ALL))).toEqual([1, 2, 5]);
    expect(of(membersOfCells([{ label: null, prediction: 0 }], LABELS, PREDICTIONS, ALL))).toEqual([0, 1, 2]);
  });

  it('are of several cells at once', () => {
    const cells = [{ label: 0, prediction: 0 }, { label: 0, prediction: 1 }];
    expect(of(membersOfCells(cells, LABELS, PREDICTIONS, ALL))).toEqual([0, 4]);
  });
});

describe('the samples of an outcome', () => {
  const scores = decidingScores(Float32Array.of(0.2, 0.9, 0.5, NaN, NaN, 0.7), LABELS, PREDICTIONS, ALL);

  it('are decided by their score, one that was not stored being below all', () => {
    expect([...scores]).toEqual([Math.fround(0.2), Math.fround(0.9), 0.5, NaN, 0, NaN]);
  });

  it('are positive from the threshold on', () => {
    expect(of(membersOfOutcomes([{ positive: true, taken: true }], scores, LABELS, 1, 0.5))).toEqual([1, 2]);
    expect(of(membersOfOutcomes([{ positive: true, taken: false }], scores, LABELS, 1, 0.51))).toEqual([2]);
    expect(of(membersOfOutcomes([{ positive: false, taken: false }], scores, LABELS, 1, 0.5))).toEqual([0, 4]);
  });
});

it('the samples of a slice are those with its row', () => {
  const rows = [['left', 'no'], ['right', 'no']];
  expect(of(membersOfSlices([sliceName(['right', 'no'])], rows, Int32Array.of(0, 1, -1, 1)))).toEqual([1, 3]);
});

describe('what is picked', () => {
  serveEachTest();
  const serveClasses = (predictions: (step: number) => number[]): void => {
    served().answers.set('columns', ({ query }) => {
      const values: Record<string, number[]> = { label: [0, 1, 2, 0, 1, 2], prediction: predictions(Number(query.get('step'))) };
      const arrays = (query.get('names') ?? '').split(',').map((name) => [name, Int32Array.from(values[name] ?? [0, 0, 0, 0, 0, 0])] as const);
      return { body: encodeColumns({}, Object.fromEntries(arrays)) };
    });
  };
  const start = async (): Promise<void> => {
    serveClasses((at) => (at === 2 ? [1, 1, 2, 1, 1, 0] : [1, 1, 2, 0, 1, 0]));
    await openRun(3);
    step.value = 2;
    stops.push(followPicked());
  };

  it('is the selected set, and follows the epoch and the splits', async () => {
    await start();
    pick({ cells: [{ label: 0, prediction: 1 }] }, false);
    await until(() => selected.value.size === 2);
    expect(of(selected.value)).toEqual([0, 3]);
    step.value = 1;
    await until(() => selected.value.size === 1);
    expect(of(selected.value)).toEqual([0]);
    shownSplits.value = new Set(['validation']);
    expect(selected.value.size).toBe(0);
  });

  it('is one step of the selections that can be undone, however far it follows', async () => {
    await start();
    stops.push(startSelectionHistory());
    selected.value = SampleSet.of([5], 6);
    pick({ cells: [{ label: 0, prediction: 1 }] }, false);
    await until(() => selected.value.size === 2);
    step.value = 1;
    await until(() => selected.value.size === 1);
    undoSelection();
    expect(of(selected.value)).toEqual([5]);
    expect(picked.value).toBeNull();
  });

  it('is added to what is selected', async () => {
    await start();
    selected.value = SampleSet.of([5], 6);
    pick({ cells: [{ label: 0, prediction: 1 }] }, true);
    await until(() => selected.value.size === 3);
    pick({ cells: [{ label: 1, prediction: 1 }] }, true);
    expect(of(selected.value)).toEqual([0, 1, 3, 4, 5]);
    pick({ cells: [{ label: 2, prediction: 2 }] }, false);
    expect(of(selected.value)).toEqual([2]);
  });

  it('is over once something else is selected', async () => {
    await start();
    pick({ cells: [{ label: 0, prediction: 1 }] }, false);
    await until(() => selected.value.size === 2);
    selected.value = SampleSet.of([4], 6);
    expect(picked.value).toBeNull();
    step.value = 1;
    expect(of(selected.value)).toEqual([4]);
  });
});

describe('what is asked', () => {
  serveEachTest();

  it('names the epoch, and splits only where not all are shown', async () => {
    served().answers.set('confusion', () => ({ body: goldenBytes('confusion.bin') }));
    await openRun(1);
    watch(confusion);
    await until(() => confusion.data.value !== null);
    shownSplits.value = new Set(['train']);
    const asked = (): string[] => served().calls.filter(({ route }) => route === 'confusion').map(({ query }) => `${query.get('step')} ${query.get('splits')}`);
    await until(() => asked().length === 2);
    expect(asked()).toEqual(['0 null', '0 train']);
  });

  it('is one class against the rest: the chosen one where the run has it, else the first', async () => {
    served().answers.set('threshold', () => ({ body: goldenBytes('threshold.bin') }));
    await openRun(1);
    positiveClass.value = '2';
    watch(thresholdCurves);
    await until(() => thresholdCurves.data.value !== null);
    expect(served().calls.find(({ route }) => route === 'threshold')?.query.get('class')).toBe('2');
    expect(thresholdCurves.data.value?.positive).toBe(2);
    positiveClass.value = '3';
    expect(positive.value).toBe(0);
    positiveClass.value = '';
  });

  it('slices by fields that the run has, by the label where none is left', () => {
    batch(() => (sliceFields.value = '["camera", "gone", "split", "loss"]'));
    expect(slicedBy.value).toEqual(['camera', 'split']);
    for (const wrong of ['["gone"]', '{', '7']) {
      sliceFields.value = wrong;
      expect(slicedBy.value).toEqual(['label']);
    }
    sliceFields.value = '';
  });
});
