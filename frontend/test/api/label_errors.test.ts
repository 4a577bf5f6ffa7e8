import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchLabelErrors, fetchScoreHistory } from '../../src/api';
import { encodeColumns } from '../columns';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

let server: Server;
beforeEach(async () => void (server = await startServer()));
afterEach(() => server.close());

describe('scores over the epochs', () => {
  it('come by class, as the server gives them', async () => {
    server.answers.set('score_history', () => ({ body: goldenBytes('score_history.bin') }));
    const { index, steps, scores } = await fetchScoreHistory('exp1/cnnvis', 3, [2, 0]);
    expect(index).toBe(3);
    expect([...steps]).toEqual([0, 1, 2]);
    expect([...scores.keys()]).toEqual([2, 0]);
    const [cat, ant] = [scores.get(2)!, scores.get(0)!];
    expect([cat.length, ant.length]).toEqual([3, 3]);
    for (let at = 0; at < 3; at++) expect(cat[at]! + ant[at]!).toBeLessThan(1);
    expect(ant[2]).toBeGreaterThan(ant[0]!); // it is labelled so
    expect(server.calls[0]?.query.get('classes')).toBe('2,0');
  });
});

describe('the ranking', () => {
  const job = { job: 'j', version: 1, seconds_left: null, error: '', hint: '' };

  it('is empty while it is made', async () => {
    server.answers.set('label_errors', () => ({ body: encodeColumns({ ...job, state: 'running', progress: 0.25 }, {}) }));
    const found = await fetchLabelErrors('exp1/cnnvis', 2, true);
    expect([found.state, found.progress, found.index.length, found.evidence.size]).toEqual(['running', 0.25, 0, 0]);
    expect(JSON.parse(server.calls[0]!.body)).toEqual({ run: 'exp1/cnnvis', step: 2, start: 1 });
  });

  it('has reasons by name, and whatever else there is of each sample as evidence', async () => {
    const arrays = {
      index: Int32Array.of(4, 1), score: Float32Array.of(0.75, 0.25), suggested: Int32Array.of(2, 0),
      mean_margin: Float32Array.of(-1, 1), judged_epochs: Int32Array.of(3, 3), reason: Uint8Array.of(1, 2),
    };
    const told = { n: 6, scored: 5, total: 2, epochs: 3, definition: 'a score', estimated: { train: 1 }, layer: null, notes: ['no embedding'] };
    server.answers.set('label_errors', () => ({ body: encodeColumns({ ...job, state: 'done', progress: 1, ...told }, arrays) }));
    const found = await fetchLabelErrors('exp1/cnnvis', 2, false);
    expect([...found.index, ...found.suggested]).toEqual([4, 1, 2, 0]);
    expect(found.reasons).toEqual(['mislabelled', 'hard']);
    expect([...found.evidence.keys()]).toEqual(['mean_margin', 'judged_epochs']);
    expect([found.step, found.n, found.scored, found.epochs, found.layer, found.estimated.get('train')]).toEqual([2, 6, 5, 3, '', 1]);
    expect(found.notes).toEqual(['no embedding']);
  });
});
