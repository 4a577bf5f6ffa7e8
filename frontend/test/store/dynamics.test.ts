import { describe, expect, it } from 'vitest';
import { type RunPayload } from '../../src/schema';
import { SampleSet, chooseMediansBy, chooseMediansOf, derivedColumns, encodeMembers, medians, selected, shownSplits, step } from '../../src/store';
import { encodeColumns } from '../columns';
import { goldenJson } from '../golden';
import { until } from '../server';
import { openRun, serveEachTest, served, stops, watch } from './served';

it('derived columns are those after the rank that are not the user’s own', () => {
  const payload = goldenJson<RunPayload>('run.json');
  const names = derivedColumns(payload).map(({ name }) => name);
  expect(names).toContain('forgetting_events');
  for (const other of ['rank', 'loss', 'brightness', 'note']) expect(names).not.toContain(other);
});

interface Asked {
  by: string;
  of: string;
  members: string | null;
  splits: string;
  step: number;
}
const asked = (): Asked[] => served().calls.filter(({ route }) => route === 'trajectories').map(({ body }) => JSON.parse(body) as Asked);

/** Two groups over the epochs 0 and 3; of a set of samples one, whose median is its size in bits. */
function serveTrajectories(): void {
  served().answers.set('trajectories', ({ body }) => {
    const { members, by } = JSON.parse(body) as Asked;
    const groups = by === 'all' ? ['all'] : [2, 0];
    const size = members === null ? 0 : [...atob(members)].reduce((sum, letter) => sum + letter.charCodeAt(0).toString(2).replaceAll('0', '').length, 0);
    const values = Float32Array.from(by === 'all' ? [size, size] : [1, 2, 3, 4]);
    const arrays = { median: values, q10: values, q25: values, q75: values, q90: values };
    const shapes = Object.fromEntries(Object.keys(arrays).map((name) => [name, [groups.length, 2]]));
    return { body: encodeColumns({ groups, of: 'loss' }, { ...arrays, steps: Int32Array.of(0, 3), count: new Int32Array(groups.length).fill(7) }, shapes) };
  });
}

describe('the medians of groups', () => {
  serveEachTest();
  const start = async (): Promise<void> => {
    serveTrajectories();
    await openRun(4);
    stops.push(() => {
      chooseMediansBy('label');
      chooseMediansOf('loss');
      selected.value = SampleSet.EMPTY;
    });
    watch(medians);
  };

  it('are one row of values a group', async () => {
    await start();
    await until(() => medians.data.value !== null);
    const { steps, groups, by } = medians.data.value!;
    expect([[...steps], by]).toEqual([[0, 3], 'label']);
    expect(groups.map(({ group, count, median }) => [group, count, [...median]])).toEqual([[2, 7, [1, 2]], [0, 7, [3, 4]]]);
  });

  it('are asked for anew by what they are of, not with every epoch', async () => {
    await start();
    await until(() => asked().length === 1);
    await until(() => !medians.loading.value);
    step.value = 1;
    chooseMediansOf('margin');
    await until(() => asked().length === 2);
    shownSplits.value = new Set(['train']);
    await until(() => asked().length === 3);
    expect(asked().map(({ of, splits }) => [of, splits])).toEqual([['loss', ''], ['margin', ''], ['margin', 'train']]);
  });

  it('by prediction follow the epoch', async () => {
    await start();
    chooseMediansBy('prediction');
    await until(() => asked().some(({ by }) => by === 'prediction') && !medians.loading.value);
    step.value = 1;
    await until(() => asked().filter(({ by }) => by === 'prediction').length === 2);
    expect(asked().at(-1)?.step).toBe(1);
  });

  it('put the selected set beside the rest, and ask for nothing while nothing is selected', async () => {
    await start();
    await until(() => !medians.loading.value);
    chooseMediansBy('selected');
    expect(medians.data.value).toBeNull();
    expect(asked().every(({ members }) => members === null)).toBe(true);
    selected.value = SampleSet.of([1, 4], 6);
    await until(() => medians.data.value?.by === 'selected');
    expect(medians.data.value?.groups.map(({ group, median }) => [group, median[0]])).toEqual([['selected', 2], ['the rest', 4]]);
    expect(asked().map(({ members }) => members)).toContain(encodeMembers(SampleSet.of([1, 4], 6), 6));
  });
});
