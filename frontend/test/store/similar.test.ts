import { afterEach, describe, expect, it } from 'vitest';
import {
  cancelPairs,
  chooseSource,
  duplicates,
  enterSimilar,
  findPairs,
  findSimilar,
  focused,
  inspectedNeighbors,
  pairThreshold,
  pickSample,
  similarK,
  similarNeighbors,
  similarQuery,
  similarSource,
  similarVectors,
  step,
  view,
  withinLabel,
} from '../../src/store';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { openRun, served, serveEachTest, watch } from './served';

serveEachTest();
afterEach(() => {
  similarQuery.value = null;
  withinLabel.value = false;
  similarK.value = 5;
  pairThreshold.value = null;
  chooseSource('backbone/dense');
  view.value = 'overview';
});

const bodies = (route: string): Record<string, unknown>[] =>
  served().calls.filter((call) => call.route === route).map(({ body }) => JSON.parse(body) as Record<string, unknown>);

/** The two samples after the query are its neighbours; a vector holds its sample's index. */
function serveNeighbors(): void {
  served().answers.set('neighbors', ({ body }) => {
    const { index } = JSON.parse(body) as { index: number };
    const arrays = { index: Int32Array.of(index + 1, index + 2), distance: Float32Array.of(0.1, 0.2) };
    return { body: encodeColumns({ k: 2, of: 5, n_features: 2, metric: 'cosine', left_out: 0, note: '' }, arrays) };
  });
  served().answers.set('vectors', ({ query }) => {
    const indices = (query.get('indices') ?? '').split(',').map(Number);
    const vectors = Float32Array.from(indices.flatMap((index) => [index, index]));
    return { body: encodeColumns({ n_features: 2, note: '' }, { vectors }, { vectors: [indices.length, 2] }) };
  });
}

describe('similar samples', () => {
  it('are those of the query, which the focus leaves as it is', async () => {
    await openRun(2);
    serveNeighbors();
    watch(similarNeighbors);
    focused.value = 1;
    findSimilar();
    expect(view.value).toBe('similar');
    await until(() => similarNeighbors.data.value?.query === 1);
    focused.value = 3;
    expect(similarQuery.value).toBe(1);
    findSimilar();
    await until(() => similarNeighbors.data.value?.query === 3 && !similarNeighbors.loading.value);
    expect([...similarNeighbors.data.value!.index]).toEqual([4, 5]);
  });

  it('are asked for as the page says', async () => {
    await openRun(2);
    serveNeighbors();
    watch(similarNeighbors);
    withinLabel.value = true;
    similarK.value = 7;
    chooseSource('inputs');
    similarQuery.value = 2;
    await until(() => similarNeighbors.data.value !== null);
    expect(bodies('neighbors')).toEqual([
      { run: 'exp1/cnnvis', step: 1, source: 'inputs', index: 2, k: 7, metric: 'cosine', same_label: 1, same_split: 0 },
    ]);
    step.value = 0;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bodies('neighbors'), 'the inputs are the same at every epoch').toHaveLength(1);
  });

  it('come with the vectors of the query and then of the neighbours', async () => {
    await openRun(2);
    serveNeighbors();
    watch(similarVectors);
    similarQuery.value = 0;
    await until(() => similarVectors.data.value !== null);
    expect(similarVectors.data.value?.indices).toEqual([0, 1, 2]);
    expect([...similarVectors.data.value!.values]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('of the focused sample are at hand in every view', async () => {
    await openRun(2);
    serveNeighbors();
    watch(inspectedNeighbors);
    focused.value = 2;
    await until(() => inspectedNeighbors.data.value?.query === 2);
    expect(bodies('neighbors')[0]).toMatchObject({ source: 'backbone/dense', k: 5 });
  });

  it('fall back to the run\'s first layer where a link names one that it lacks', async () => {
    await openRun(1);
    chooseSource('gone');
    expect(similarSource.value).toBe('backbone/dense');
  });

  it('are of the sample that was focused elsewhere when the view is entered', async () => {
    await openRun(1);
    focused.value = 2;
    const leave = enterSimilar();
    expect(similarQuery.value).toBe(2);
    focused.value = 4;
    leave();
    enterSimilar()();
    expect(similarQuery.value, 'a neighbour that was looked at').toBe(2);
    focused.value = 5;
    enterSimilar()();
    expect(similarQuery.value).toBe(5);
  });

  it('are of a sample that is picked by its index while the view is shown', async () => {
    await openRun(1);
    pickSample(3);
    expect([focused.value, similarQuery.value]).toEqual([3, null]);
    view.value = 'similar';
    pickSample(4);
    expect([focused.value, similarQuery.value]).toEqual([4, 4]);
  });
});

describe('near-duplicates', () => {
  const job = { job: 'j1', version: 1, progress: 0, seconds: 0, seconds_left: 'NaN', error: '', hint: '', note: '' };
  const serve = (state: () => string): void => {
    served().answers.set('duplicates', ({ body }) => {
      const { start } = JSON.parse(body) as { start: number };
      const now = start ? state() : 'absent';
      const arrays = { first: Int32Array.of(0), second: Int32Array.of(4), distance: Float32Array.of(0.25) };
      return { body: encodeColumns({ ...job, state: now, ...(now === 'done' ? { pairs: 1, threshold: 0.5 } : {}) }, now === 'done' ? arrays : {}) };
    });
  };

  it('are looked for when asked, and asked after until they are found', async () => {
    await openRun(1);
    let turn = 0;
    serve(() => (turn++ < 1 ? 'running' : 'done'));
    watch(duplicates);
    await until(() => duplicates.data.value?.state === 'absent');
    findPairs();
    await until(() => duplicates.data.value?.state === 'done');
    expect([...duplicates.data.value!.second]).toEqual([4]);
    expect(bodies('duplicates').map(({ start }) => start)).toEqual([0, 1, 1]);
  });

  it('are no longer asked after once the search is cancelled, and can be looked for again', async () => {
    await openRun(1);
    serve(() => 'running');
    served().answers.set('cancel', () => ({ body: '{"state": "cancelled"}' }));
    watch(duplicates);
    findPairs();
    await until(() => duplicates.data.value?.state === 'running');
    await cancelPairs();
    expect(bodies('cancel')).toEqual([{ job: 'j1' }]);
    await until(() => duplicates.data.value?.state === 'absent' && !duplicates.loading.value);
    serve(() => 'done');
    findPairs();
    await until(() => duplicates.data.value?.state === 'done');
  });

  it('of another threshold are another search, which waits for being asked for', async () => {
    await openRun(1);
    serve(() => 'done');
    watch(duplicates);
    findPairs();
    await until(() => duplicates.data.value?.state === 'done');
    pairThreshold.value = 0.1;
    await until(() => duplicates.data.value?.state === 'absent');
    expect(bodies('duplicates').at(-1)).toMatchObject({ threshold: 0.1, start: 0 });
    pairThreshold.value = null;
    await until(() => duplicates.data.value?.state === 'done');
  });
});
