import { describe, expect, it } from 'vitest';
import { column, goToStep, queryResult, queryRunning, runQuery, TableRows, tableSort } from '../../src/store';
import { awaited } from '../../src/store/patience';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { openRun, served, serveEachTest, stops, watch } from './served';

serveEachTest();

const NAME = 'label_error';
const NOT_YET = {
  status: 503,
  body: JSON.stringify({ error: `${NAME} is being computed (40%)`, hint: 'ask again in a moment', retry_after: 0.02 }),
};

/** Answers so many times that it is yet to come, then with `arrays`. */
function serveLate(route: string, times: number, arrays: Record<string, Float32Array | Int32Array>, json: unknown = {}): void {
  let left = times;
  served().answers.set(route, () => (left-- > 0 ? NOT_YET : { body: encodeColumns(json, arrays) }));
}

const asked = (route: string): string[] =>
  served().calls.filter((call) => call.route === route).map(({ method, body }) => `${method} ${body}`);

describe('what the server is yet to compute', () => {
  it('is asked for by POST until it is there, without an error', async () => {
    await openRun(4);
    goToStep(2);
    serveLate('columns', 3, { [NAME]: new Float32Array(6).fill(0.5) });
    const slow = column(NAME);
    watch(slow);
    await until(() => awaited.value !== '');
    expect(awaited.value).toBe(`${NAME} is being computed (40%)`);
    expect(slow.loading.value).toBe(true);
    await until(() => slow.data.value !== null);
    expect(slow.error.value).toBeNull();
    expect(slow.data.value?.values[0]).toBe(0.5);
    expect(awaited.value).toBe('');
    expect(asked('columns')).toEqual(Array(4).fill(`POST {"run":"exp1/cnnvis","step":2,"names":"${NAME}"}`));
  });

  it('is no longer asked for once another epoch is wanted', async () => {
    await openRun(4);
    goToStep(1);
    served().answers.set('columns', ({ body }) =>
      body.includes('"step":1') ? NOT_YET : { body: encodeColumns({}, { [NAME]: new Float32Array(6) }) },
    );
    const slow = column(NAME);
    watch(slow);
    await until(() => awaited.value !== '');
    goToStep(3);
    await until(() => slow.data.value?.step === 3);
    const before = asked('columns').length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked('columns')).toHaveLength(before);
    expect(awaited.value).toBe('');
  });

  it('holds a query up, until another is run', async () => {
    await openRun(2);
    serveLate('query', 2, { members: new Int32Array([1, 4]) }, { count: 2, total: 6 });
    await runQuery(`${NAME} > 0.5`);
    expect(queryResult.value?.count).toBe(2);
    served().answers.set('query', () => NOT_YET);
    const first = runQuery(`${NAME} > 0.6`);
    await until(() => awaited.value !== '');
    expect(queryRunning.value).toBe(true);
    serveLate('query', 0, { members: new Int32Array([3]) }, { count: 1, total: 6 });
    await runQuery('loss > 1');
    await first;
    expect(queryResult.value?.text).toBe('loss > 1');
  });

  it('holds the table up that is sorted by it', async () => {
    await openRun(2);
    const page = { sample_index: new Int32Array([5, 0]) };
    serveLate('table', 2, page, { total: 2, offset: 0, focus_position: null, text: {}, pending: [] });
    tableSort.value = { column: NAME, descending: true };
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 2);
    await until(() => awaited.value !== '');
    expect(rows.loading.value).toBe(true);
    await until(() => rows.total.value === 2 && !rows.loading.value);
    expect(rows.error.value).toBeNull();
    expect(asked('table').every((call) => call.startsWith('POST'))).toBe(true);
    tableSort.value = { column: 'loss', descending: true };
  });
});
