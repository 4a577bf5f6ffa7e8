import { beforeEach, describe, expect, it } from 'vitest';
import {
  SampleSet,
  currentLink,
  decodeMembers,
  forgetQuery,
  keepSet,
  queryElsewhere,
  queryError,
  queryHistory,
  queryResult,
  queryText,
  redoSelection,
  runQuery,
  selectByRow,
  selected,
  shownSplits,
  step,
  tableScope,
  undoSelection,
} from '../../src/store';
import { startQuery } from '../../src/store/query';
import { startSelectionHistory } from '../../src/store/selection_history';
import { startTableScope } from '../../src/store/table_scope';
import { startLink } from '../../src/store/link';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { emptyShelf } from '../storage';
import { openRun, served, serveEachTest, stops } from './served';

serveEachTest();

beforeEach(async () => {
  emptyShelf();
  selected.value = SampleSet.EMPTY;
  await openRun(3);
  forgetQuery();
});

function serveHits(...hits: number[]): void {
  served().answers.set('query', () => ({
    body: encodeColumns({ count: hits.length, total: 6 }, { members: Int32Array.from(hits) }),
  }));
}

const asked = (): Record<string, unknown> => JSON.parse(served().calls.filter(({ route }) => route === 'query').at(-1)?.body ?? '{}') as Record<string, unknown>;

describe('a query', () => {
  it('selects what it finds, and says how many of how many', async () => {
    serveHits(1, 4);
    await runQuery('loss > 2');
    expect([...selected.value.indices()]).toEqual([1, 4]);
    expect(queryResult.value).toMatchObject({ text: 'loss > 2', step: 2, count: 2, total: 6 });
    expect(asked()).toMatchObject({ run: 'exp1/cnnvis', step: 2, text: 'loss > 2', splits: '', selected: null, sets: {}, tags: {} });
  });

  it('is asked of the shown splits, with the selection and the sets that it can name', async () => {
    serveHits(3);
    shownSplits.value = new Set(['validation']);
    selected.value = SampleSet.of([3, 5], 6);
    keepSet('hard', SampleSet.of([3], 6));
    await runQuery('selected and set("hard")');
    expect(asked()['splits']).toBe('validation');
    expect([...decodeMembers(String(asked()['selected']), 6)!.indices()]).toEqual([3, 5]);
    const { hard } = asked()['sets'] as Record<string, string>;
    expect([...decodeMembers(hard!, 6)!.indices()]).toEqual([3]);
  });

  it('that is wrong leaves the page as it was, and says where', async () => {
    serveHits(1, 4);
    await runQuery('loss > 2');
    served().answers.set('query', () => ({ status: 400, body: JSON.stringify({ error: 'no', hint: 'look', position: [2, 4] }) }));
    await runQuery('😀 los > 2');
    expect([...selected.value.indices()]).toEqual([1, 4]);
    expect(queryError.value).toMatchObject({ text: '😀 los > 2', error: { message: 'no', hint: 'look', position: [3, 5] } });
    serveHits(0);
    await runQuery('correct');
    expect(queryError.value).toBeNull();
  });

  it('whose answer comes after a newer one is dropped', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    served().answers.set('query', async ({ body }) => {
      const slow = body.includes('slow');
      if (slow) await held;
      return { body: encodeColumns({ count: 1, total: 6 }, { members: Int32Array.from([slow ? 0 : 5]) }) };
    });
    const slow = runQuery('slow');
    await runQuery('fast');
    release();
    await slow;
    expect([...selected.value.indices()]).toEqual([5]);
    expect(queryError.value).toBeNull();
  });

  it('is no longer what the selection is once that has changed, and is again after an undo', async () => {
    stops.push(startSelectionHistory());
    serveHits(1, 4);
    await runQuery('loss > 2');
    selected.value = SampleSet.of([0], 6);
    expect(queryResult.value).toBeNull();
    undoSelection();
    expect(queryResult.value?.count).toBe(2);
    undoSelection();
    expect(selected.value.size).toBe(0);
    redoSelection();
    redoSelection();
    expect([...selected.value.indices()]).toEqual([0]);
  });

  it('says where it was asked once something else is shown', async () => {
    serveHits(3, 4);
    await runQuery('loss > 2');
    expect(queryElsewhere.value).toBeNull();
    shownSplits.value = new Set(['validation']);
    expect(queryElsewhere.value).toBe('other splits');
    step.value = 0;
    expect(queryElsewhere.value).toBe('epoch 2');
    selected.value = SampleSet.of([0], 6);
    expect(queryElsewhere.value).toBeNull();
  });

  it('that finds nothing selects nothing', async () => {
    selected.value = SampleSet.of([0], 6);
    serveHits();
    await runQuery('loss > 99');
    expect([selected.value.size, queryResult.value?.count]).toEqual([0, 0]);
  });

  it('that is emptied takes back what it had selected, and only that', async () => {
    serveHits(1, 4);
    await runQuery('loss > 2');
    await runQuery(' ');
    expect([selected.value.size, queryText.value]).toEqual([0, '']);
    selected.value = SampleSet.of([2], 6);
    await runQuery('');
    expect([...selected.value.indices()]).toEqual([2]);
  });

  it('is remembered, the newest first and once', async () => {
    serveHits(1);
    for (const text of ['a', 'b', ' a ']) await runQuery(text);
    expect(queryHistory.value.slice(0, 2)).toEqual(['a', 'b']);
    expect(queryHistory.value.filter((text) => text === 'a')).toHaveLength(1);
    expect(JSON.parse(localStorage.getItem('cnnvis.queries') ?? '')).toEqual(queryHistory.value);
  });
});

describe('the query of a link', () => {
  it('is run once its run is here, and is in the link while its hits are selected', async () => {
    const parent = Object.assign(new EventTarget(), {
      location: { hash: '#cnnvis&p.cnnvis.query=loss%20%3E%202', origin: '', pathname: '', search: '' },
      history: { state: null, replaceState: (): void => undefined },
    });
    Object.assign(globalThis, { window: { parent, location: { hash: '' } } });
    serveHits(1, 4);
    stops.push(startLink(), startQuery());
    await until(() => selected.value.size === 2);
    expect(queryText.value).toBe('loss > 2');
    expect(currentLink()).toContain('p.cnnvis.query=loss%20%3E%202');
    selected.value = SampleSet.of([0], 6);
    expect(currentLink()).not.toContain('query');
  });
});

describe('what the table lists', () => {
  it('is a selection that was made elsewhere; ticking rows changes no list', async () => {
    stops.push(startTableScope());
    serveHits(1, 4);
    await runQuery('loss > 2');
    expect(tableScope.value).toBe('selected');
    selected.value = SampleSet.EMPTY;
    expect(tableScope.value).toBe('all');
    selectByRow(SampleSet.of([2], 6));
    expect(tableScope.value).toBe('all');
    step.value = 1;
    expect(tableScope.value).toBe('all');
  });
});
