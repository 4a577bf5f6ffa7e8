import { beforeEach, describe, expect, it } from 'vitest';
import { effect, signal } from '@preact/signals';
import { type Method } from '../../src/api';
import { goToStep } from '../../src/store';
import { type Shown, showLayout } from '../../src/store/layouts';
import { defaultMethod } from '../../src/store/methods';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { openRun, served, serveEachTest, stops } from './served';

serveEachTest();

type Body = Record<string, number | string>;
interface State {
  state: string;
  version: number;
  error?: string;
}

/** Samples 1 and 4 of six are drawn; each is at (epoch + version, sample). */
function answer(body: Body, { state, version, error = '' }: State): { body: ArrayBuffer } {
  const at = Number(body['step']) + version;
  const told = { state, version: version + 1, begun: version > 0, job: `job ${body['step']}`, progress: 0.5, seconds: 1, seconds_left: 2, error, hint: 'do that' };
  const rest = { limits: [0, 9, 0, 9], n_features: 3, note: '', of: 6 };
  return { body: encodeColumns({ ...told, ...rest }, { index: Int32Array.of(1, 4), xy: Float32Array.of(at, 1, at, 4) }) };
}

/** Answers each request for a layout with the next state, the last one for ever; PCA with the golden one. */
function serveStates(...states: State[]): void {
  let next = 0;
  const golden = served().answers.get('projection');
  served().answers.set('projection', async (call) => {
    const body = JSON.parse(call.body) as Body;
    if (body['method'] === 'pca' && golden) return golden(call);
    return answer(body, states[Math.min(next++, states.length - 1)]!);
  });
  served().answers.set('cancel', () => ({ body: JSON.stringify({ state: 'cancelled' }) }));
  served().answers.set('faithfulness', () => ({ body: JSON.stringify({ trustworthiness: 0.9, kept: 0.5, k: 15, n: 2, of: 6 }) }));
}

const asked = (): string[] =>
  served().calls.filter(({ route }) => route === 'projection').map(({ body }) => JSON.parse(body) as Body)
    .map((body) => `${body['step']} start ${body['start']}`);
const cancelled = (): string[] =>
  served().calls.filter(({ route }) => route === 'cancel').map(({ body }) => String((JSON.parse(body) as Body)['job']));

const method = signal<Method>(defaultMethod('tsne', 6));
let shown: Shown;

function show(): void {
  shown = showLayout(signal('dense'), method);
  stops.push(effect(() => void [shown.picture.value, shown.job.value, shown.error.value, shown.current.value, shown.faithfulness.data.value]));
  stops.push(shown.start());
}

const x = (): number | undefined => shown.picture.value?.xy[2];

beforeEach(() => void (method.value = defaultMethod('tsne', 6)));

describe('a layout', () => {
  it('is started where nobody has, shown as it forms, and asked for no more once it is done', async () => {
    await openRun(2);
    serveStates({ state: 'absent', version: 0 }, { state: 'running', version: 0 }, { state: 'running', version: 3 }, { state: 'done', version: 7 });
    show();
    const stages: string[] = [];
    stops.push(effect(() => void stages.push(`${shown.picture.value?.stage} ${x()}`)));
    await until(() => shown.picture.value?.stage === 'final');
    expect(asked()).toEqual(['1 start 0', '1 start 1', '1 start 0', '1 start 0']);
    expect([...new Set(stages)]).toEqual(['undefined undefined', 'start 1', 'forming 4', 'final 8']);
    expect(shown.job.value).toBeNull();
    expect(shown.current.value).toBe(true);
  });

  it('has coordinates for the drawn samples alone', async () => {
    await openRun(1);
    serveStates({ state: 'done', version: 2 });
    show();
    await until(() => shown.picture.value !== null);
    const { xy, index, of } = shown.picture.value!;
    expect([...xy]).toEqual([NaN, NaN, 2, 1, NaN, NaN, NaN, NaN, 2, 4, NaN, NaN]);
    expect([[...index!], of]).toEqual([[1, 4], 6]);
  });

  it('of another epoch starts once that has rested; until then the old one stays, and its job ends', async () => {
    await openRun(9);
    serveStates({ state: 'running', version: 1 });
    show();
    await until(() => x() === 9);
    let started = false;
    served().answers.set('projection', ({ body: text }) => {
      const body = JSON.parse(text) as Body;
      const state = body['start'] === 1 ? 'running' : started ? 'done' : 'absent';
      started ||= body['start'] === 1;
      return answer(body, { state, version: { absent: 0, running: 1, done: 5 }[state] });
    });
    goToStep(2);
    goToStep(3);
    expect([x(), shown.current.value]).toEqual([9, false]);
    await until(() => shown.picture.value?.stage === 'final');
    expect(cancelled()).toEqual(['job 8']);
    expect(asked().filter((entry) => entry.endsWith('start 1'))).toEqual(['3 start 1']);
    expect(x()).toBe(8);
  });

  it('that is kept comes back at once', async () => {
    await openRun(4);
    serveStates({ state: 'done', version: 5 });
    show();
    await until(() => x() === 8);
    goToStep(0);
    await until(() => x() === 5);
    const before = asked().length;
    goToStep(3);
    expect([x(), shown.current.value]).toEqual([8, true]);
    expect(asked()).toHaveLength(before);
  });

  it('that fails leaves the last good picture, says why, and can be run again', async () => {
    await openRun(4);
    serveStates({ state: 'done', version: 5 });
    show();
    await until(() => x() === 8);
    serveStates({ state: 'absent', version: 0 }, { state: 'failed', version: 0, error: 'no memory' }, { state: 'done', version: 6 });
    goToStep(1);
    await until(() => shown.error.value !== null);
    expect([shown.error.value?.message, shown.error.value?.hint]).toEqual(['no memory', 'do that']);
    expect([x(), shown.current.value, shown.loading.value]).toEqual([8, false, false]);
    shown.run();
    await until(() => x() === 7);
    expect(asked().at(-1)).toBe('1 start 1');
    expect(shown.error.value).toBeNull();
  });

  it('that is refused tells the server’s words', async () => {
    await openRun(1);
    served().answers.set('projection', () => ({ status: 400, body: JSON.stringify({ error: 'a perplexity of 99 is too high', hint: 'at most 1' }) }));
    show();
    await until(() => shown.error.value !== null);
    expect(shown.error.value).toMatchObject({ message: 'a perplexity of 99 is too high', hint: 'at most 1' });
    expect(shown.picture.value).toBeNull();
  });

  it('that is cancelled stays as far as it has come', async () => {
    await openRun(1);
    serveStates({ state: 'running', version: 2 });
    show();
    await until(() => x() === 2);
    shown.cancel();
    expect(shown.job.value?.state).toBe('cancelled');
    await until(() => cancelled().length === 1);
    expect(shown.picture.value?.stage).toBe('forming');
    serveStates({ state: 'done', version: 4 });
    shown.run();
    await until(() => shown.picture.value?.stage === 'final');
    expect(asked().at(-1)).toBe('0 start 1');
  });

  it('ends when another method is chosen; the faithfulness is asked for of what is complete', async () => {
    await openRun(1);
    serveStates({ state: 'running', version: 2 });
    show();
    await until(() => x() === 2);
    expect(served().calls.some(({ route }) => route === 'faithfulness')).toBe(false);
    serveStates({ state: 'done', version: 3 });
    method.value = defaultMethod('umap', 6);
    await until(() => shown.picture.value?.method.method === 'umap');
    expect(cancelled()).toEqual(['job 0']);
    await until(() => shown.faithfulness.data.value !== null);
    expect(shown.faithfulness.data.value).toMatchObject({ trustworthiness: 0.9, key: shown.picture.value?.key });
  });
});
