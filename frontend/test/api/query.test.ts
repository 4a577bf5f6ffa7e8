import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchDistributions, fetchExport, fetchQuery } from '../../src/api';
import { goldenBytes, goldenJson } from '../golden';
import { type Server, startServer } from '../server';

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const SCOPE = { run: 'exp1/cnnvis', step: 2, splits: ['validation'] };
const QUERY = { ...SCOPE, text: 'label == "bee" or top(loss, 1)', selected: null, sets: {}, tags: {} };
const asked = (): Record<string, unknown> => JSON.parse(server.calls[0]?.body ?? 'null') as Record<string, unknown>;

it('reads the hits of a query', async () => {
  server.answers.set('query', () => ({ body: goldenBytes('query.bin') }));
  const found = await fetchQuery(QUERY);
  expect(found).toEqual({ members: Int32Array.of(3, 4), count: 2, total: 4 });
  expect(asked()).toEqual({ ...QUERY, splits: 'validation' });
});

it('tells where a query is wrong', async () => {
  const body = JSON.stringify(goldenJson('query_error.json'));
  server.answers.set('query', () => ({ status: 400, body }));
  await expect(fetchQuery(QUERY)).rejects.toMatchObject({
    message: "there is no column 'los'",
    hint: "did you mean 'loss'?",
    position: [0, 3],
  });
});

it('reads the histogram of each numeric column, of all and of the chosen', async () => {
  server.answers.set('distributions', () => ({ body: goldenBytes('distributions.bin') }));
  const found = await fetchDistributions(SCOPE, 'DQ==');
  expect([...found.keys()].slice(0, 5)).toEqual(['loss', 'margin', 'label_score', 'rank', 'mean_margin']);
  expect([...found.keys()].at(-1)).toBe('brightness');
  const loss = found.get('loss');
  expect(loss?.low).toBeCloseTo(0.152807, 5);
  expect(loss?.all.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(loss?.chosen?.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(found.get('rank')).toMatchObject({ low: 1, high: 1, missing: 0 });
  expect(asked()).toEqual({ run: SCOPE.run, step: 2, splits: 'validation', members: 'DQ==' });
});

it('asks for a file of the members', async () => {
  server.answers.set('export', () => ({ body: 'split,source_index\n' }));
  const file = await fetchExport(SCOPE.run, 2, 'DQ==', 'indices');
  expect(await file.text()).toBe('split,source_index\n');
  expect(asked()).toEqual({ run: SCOPE.run, step: 2, members: 'DQ==', kind: 'indices' });
});
