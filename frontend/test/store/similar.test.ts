import { afterEach, describe, expect, it } from 'vitest';
import {
  cancelError,
  cancelPairs,
  cancelling,
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
import { loadRun } from '../../src/store';
import { startSimilar } from '../../src/store/similar';
import { openRun, serveRun, served, serveEachTest, stops, watch } from './served';

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
    const first = similarVectors.data.value;
    let answer = (): void => undefined;
    const neighbors = served().answers.get('neighbors')!;
    served().answers.set('neighbors', async (call) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return neighbors(call);
    });
    similarQuery.value = 3;
    await until(() => bodies('neighbors').length === 2);
    expect(similarVectors.data.value, 'what was shown stays until the new is here').toBe(first);
    answer();
    await until(() => similarVectors.data.value?.indices[0] === 3);
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
  const pairs = { first: Int32Array.of(0), second: Int32Array.of(4), distance: Float32Array.of(0.25) };
  /** A server with one job for each threshold, which `turns` looks find running before it is done. */
  const serve = (turns: number): void => {
    const jobs = new Map<unknown, { state: string; left: number }>();
    served().answers.set('duplicates', ({ body }) => {
      const { start, threshold } = JSON.parse(body) as { start: number; threshold: unknown };
      const known = jobs.get(threshold);
      if (start && known?.state !== 'running') jobs.set(threshold, { state: 'running', left: turns });
      const now = jobs.get(threshold);
      if (now?.state === 'running' && now.left-- === 0) now.state = 'done';
      const done = now?.state === 'done';
      return { body: encodeColumns({ ...job, state: now?.state ?? 'absent', ...(done ? { pairs: 1, threshold: 0.5 } : {}) }, done ? pairs : {}) };
    });
    served().answers.set('cancel', () => {
      jobs.forEach((known) => (known.state = 'cancelled'));
      return { body: '{"state": "cancelled"}' };
    });
  };

  it('are looked for when asked, and asked after until they are found', async () => {
    await openRun(1);
    serve(1);
    watch(duplicates);
    await until(() => duplicates.data.value?.state === 'absent');
    findPairs();
    await until(() => duplicates.data.value?.state === 'done');
    expect([...duplicates.data.value!.second]).toEqual([4]);
    expect(bodies('duplicates').map(({ start }) => start)).toEqual([0, 1, 0]);
  });

  it('are not looked for again by the look that follows a cancellation, but when asked', async () => {
    await openRun(1);
    serve(1e9);
    watch(duplicates);
    findPairs();
    await until(() => duplicates.data.value?.state === 'running');
    await cancelPairs();
    expect(bodies('cancel')).toEqual([{ job: 'j1' }]);
    await until(() => duplicates.data.value?.state === 'cancelled' && !duplicates.loading.value);
    expect(bodies('duplicates').filter(({ start }) => start === 1)).toHaveLength(1);
    findPairs();
    await until(() => duplicates.data.value?.state === 'running');
    expect(bodies('duplicates').filter(({ start }) => start === 1)).toHaveLength(2);
  });

  it('whose cancellation did not arrive say so, and go on', async () => {
    await openRun(1);
    serve(1e9);
    served().answers.set('cancel', () => ({ status: 409, body: '{"error": "no such job", "hint": "look again"}' }));
    watch(duplicates);
    findPairs();
    await until(() => duplicates.data.value?.state === 'running');
    await cancelPairs();
    expect(cancelError.value?.message).toBe('no such job');
    expect(cancelling.value).toBe(false);
    expect(duplicates.data.value?.state).toBe('running');
  });

  it('of another threshold are another search, which waits for being asked for', async () => {
    await openRun(1);
    serve(0);
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

it('forgets the query of another probe set', async () => {
  await openRun(1);
  stops.push(startSimilar());
  similarQuery.value = 3;
  serveRun(({ manifest }) => (manifest.probe = 'other samples'));
  await loadRun();
  expect(similarQuery.value).toBeNull();
});
