import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchDistributions, fetchExport, fetchQuery } from '../src/api';
import { encodeColumns } from './columns';
import { type Server, startServer } from './server';

let server: Server;
beforeEach(async () => void (server = await startServer()));
afterEach(() => server.close());

const SCOPE = { run: 'exp1/cnnvis', step: 2, splits: ['train', 'validation'] };
const body = (): unknown => JSON.parse(server.calls[0]?.body ?? '');

describe('the server', () => {
  it('is asked for distributions, of some samples or of all', async () => {
    const all = new Int32Array(24).fill(2);
    server.answers.set('distributions', ({ body: text }) => ({
      body: encodeColumns(
        { edges: { loss: [0, 3.5], odd: ['NaN', 'NaN'] }, missing: { loss: 3 } },
        { 'all:loss': all, 'all:odd': all, ...(text.includes('AA==') ? { 'chosen:loss': all, 'chosen:odd': all } : {}) },
      ),
    }));
    const found = await fetchDistributions(SCOPE, null);
    expect(body()).toEqual({ run: 'exp1/cnnvis', step: 2, splits: 'train,validation', members: null });
    expect(found.get('loss')).toEqual({ low: 0, high: 3.5, all, chosen: null, missing: 3 });
    expect(found.get('odd')).toMatchObject({ low: NaN, missing: 0 });
    expect((await fetchDistributions(SCOPE, 'AA==')).get('loss')?.chosen).toEqual(all);
  });

  it('says what is wrong with a query, and where', async () => {
    const request = { ...SCOPE, text: 'x', selected: null, sets: {}, tags: {} };
    server.answers.set('query', () => ({ status: 400, body: JSON.stringify({ error: 'no', hint: 'try', position: [0, 1] }) }));
    await expect(fetchQuery(request)).rejects.toMatchObject({ message: 'no', hint: 'try', status: 400, position: [0, 1] });
    server.answers.set('query', () => ({ status: 400, body: JSON.stringify({ error: 'no', position: ['x', null, 1] }) }));
    await expect(fetchQuery(request)).rejects.toMatchObject({ message: 'no', position: null });
  });

  it('gives samples as a file', async () => {
    server.answers.set('export', () => ({ body: 'split,source_index\n' }));
    const file = await fetchExport('exp1/cnnvis', 2, 'AA==', 'indices');
    expect(await file.text()).toBe('split,source_index\n');
    expect(body()).toEqual({ run: 'exp1/cnnvis', step: 2, members: 'AA==', kind: 'indices' });
  });
});
