import { describe, expect, it } from 'vitest';
import { SampleSet, TableRows, encodeMembers, focused, selected, step, tableScope } from '../../src/store';
import { encodeColumns } from '../columns';
import { goldenBytes } from '../golden';
import { until } from '../server';
import { openRun, served, serveEachTest, stops } from './served';

serveEachTest();

describe('the table', () => {
  it('asks for the page in sight and finds the focused sample in it', async () => {
    await openRun(3);
    focused.value = 3;
    served().answers.set('table', () => ({ body: goldenBytes('table.bin') }));
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value > 0 && rows.focusPosition.value !== null);
    expect(rows.total.value).toBe(6);
    expect(rows.focusPosition.value).toBe(1);
    const row = rows.row(1);
    expect(row?.page.columns.get('sample_index')?.[row.at]).toBe(3);
    const asked = served().calls.filter(({ route }) => route === 'table');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.query.get('sort')).toBe('loss');
    focused.value = Number(rows.row(2)?.page.columns.get('sample_index')?.[2]);
    expect(rows.focusPosition.value).toBe(2);
    expect(served().calls.filter(({ route }) => route === 'table')).toHaveLength(1);
  });

  it('focuses the sample in a row, and forgets the place of one that is focused elsewhere', async () => {
    await openRun(3);
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value === 6 && !rows.loading.value);
    await rows.focusAt(4);
    expect([focused.value, rows.focusPosition.value]).toEqual([1, 4]);
    served().answers.set('table', () => new Promise(() => undefined));
    focused.value = 5;
    expect(rows.focusPosition.value).toBeNull();
  });

  it('keeps its rows and says why when the server fails', async () => {
    await openRun(3);
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value === 6);
    served().answers.set('table', () => ({ status: 400, body: JSON.stringify({ error: 'no', hint: '' }) }));
    step.value = 0;
    await until(() => rows.error.value !== null);
    expect(rows.row(0)).not.toBeNull();
    served().answers.delete('table');
    rows.retry();
    await until(() => rows.error.value === null && !rows.loading.value);
  });

  it('lists the selected samples where that is asked for', async () => {
    await openRun(3);
    const some = SampleSet.of([3, 5], 6);
    selected.value = some;
    tableScope.value = 'selected';
    const rows = new TableRows();
    stops.push(rows.start(), () => ((selected.value = SampleSet.EMPTY), (tableScope.value = 'all')));
    rows.show(0, 5);
    await until(() => rows.total.value === 6 && !rows.loading.value);
    const asked = served().calls.filter(({ route }) => route === 'table');
    expect(asked.map(({ method }) => method)).toEqual(['POST']);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ members: encodeMembers(some, 6), sort: 'loss', descending: 1, offset: 0 });
    tableScope.value = 'all';
    await until(() => served().calls.filter(({ route, method }) => route === 'table' && method === 'GET').length === 1);
  });

  it('names the samples of a range of rows, in sight or not', async () => {
    await openRun(3);
    const rows = new TableRows();
    stops.push(rows.start());
    expect(await rows.samplesIn(1, 4)).toHaveLength(3);
    rows.show(0, 5);
    await until(() => rows.total.value === 6 && !rows.loading.value);
    const before = served().calls.length;
    const all = [0, 1, 2, 3, 4].map((at) => rows.row(at)?.page.columns.get('sample_index')?.[at]);
    expect(await rows.samplesIn(0, 5)).toEqual(all);
    expect(served().calls).toHaveLength(before);
  });

  it('that is being scrolled reads the pages beside what is in sight', async () => {
    await openRun(3);
    served().answers.set('table', ({ query }) => {
      const rows = Int32Array.from({ length: 100 }, (_, at) => Number(query.get('offset')) + at);
      return { body: encodeColumns({ total: 1000, offset: 0, focus_position: null, text: {} }, { sample_index: rows }) };
    });
    const asked = (): (string | null)[] => served().calls.filter(({ route }) => route === 'table').map(({ query }) => query.get('offset'));
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 20);
    await until(() => rows.total.value === 1000 && !rows.loading.value);
    expect(asked()).toEqual(['0']);
    rows.show(250, 270);
    await until(() => asked().length === 4 && rows.row(150) !== null);
    expect(asked()).toEqual(['0', '200', '300', '100']);
    expect(rows.row(150)?.at).toBe(50);
  });
});
