import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchDuplicates, fetchNeighbors, fetchVectors, findIds } from '../../src/api';
import { encodeColumns } from '../columns';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const SOURCE = 'backbone/dense';
const asked = (): Record<string, unknown> => JSON.parse(server.calls[0]?.body ?? 'null') as Record<string, unknown>;

it('reads neighbours, nearest first', async () => {
  server.answers.set('neighbors', () => ({ body: goldenBytes('neighbors.bin') }));
  const request = { run: 'exp1/cnnvis', step: 2, source: SOURCE, k: 3, metric: 'euclidean' as const };
  const found = await fetchNeighbors({ ...request, subject: { index: 1 }, sameLabel: false, sameSplit: true });
  expect([...found.index]).toEqual([4, 3, 0]);
  expect(found.distance[0]).toBeCloseTo(0.530967, 5);
  expect(found).toMatchObject({ state: 'done', query: 1, k: 3, of: 5, nFeatures: 4, leftOut: 0 });
  expect(asked()).toEqual({ ...request, index: 1, same_label: 0, same_split: 1 });
});

it('reads the vectors of samples, row by row', async () => {
  server.answers.set('vectors', () => ({ body: goldenBytes('vectors.bin') }));
  const { values, nFeatures } = await fetchVectors('exp1/cnnvis', 2, SOURCE, [1, 4]);
  expect([nFeatures, values.length]).toEqual([4, 8]);
  expect(values[4]).toBeCloseTo(0.632324, 5);
  expect(server.calls[0]?.query.get('indices')).toBe('1,4');
});

it('reads pairs once they are found, and before that how far the search is', async () => {
  const request = { run: 'exp1/cnnvis', step: 2, source: SOURCE, metric: 'cosine' as const, threshold: null, across: true };
  const running = { state: 'running', job: 'j', version: 1, progress: 0.25, seconds: 1, seconds_left: 3, error: '', hint: '', note: '' };
  server.answers.set('duplicates', () => ({ body: encodeColumns(running, {}) }));
  expect(await fetchDuplicates(request, true)).toMatchObject({ state: 'running', job: 'j', progress: 0.25, secondsLeft: 3, first: new Int32Array(0) });
  expect(asked()).toEqual({ ...request, across: 1, start: 1 });
  const pairs = { first: Int32Array.of(0, 2), second: Int32Array.of(5, 3), distance: Float32Array.of(0, 0.5) };
  const done = { ...running, state: 'done', pairs: 2, threshold: 0.5, note: 'threshold 0.5: chosen' };
  server.answers.set('duplicates', () => ({ body: encodeColumns(done, pairs) }));
  expect(await fetchDuplicates(request, false)).toMatchObject({ state: 'done', pairs: 2, threshold: 0.5, ...pairs });
});

it('finds ids by a part of them, quoted for the query language', async () => {
  server.answers.set('query', () => ({ body: encodeColumns({ count: 1, total: 6 }, { members: Int32Array.of(3) }) }));
  expect([...(await findIds('exp1/cnnvis', 2, 'a "b" \\c'))]).toEqual([3]);
  expect(asked()['text']).toBe('"a \\"b\\" \\\\c" in id');
});
