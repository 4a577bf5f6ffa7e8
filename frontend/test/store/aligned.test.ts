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
const EPOCHS = 6;
/** Epochs that are laid out; sample 1 is at (10 * epoch, 1), and the limits grow with the epochs. */
let ready: number[];

function serveChain(): void {
  served().answers.set('projection', ({ body: text }) => {
    const body = JSON.parse(text) as Body;
    const step = Number(body['step']);
    const own = ready.includes(step);
    const earlier = ready.filter((epoch) => epoch < step).at(-1);
    const shown = own ? step : earlier;
    const told = { state: own ? 'done' : 'running', job: `job ${step}`, version: ready.length, progress: 0.5, seconds: 1, seconds_left: null, error: '', hint: '' };
    const over = { aligned: true, done: ready.length, total: EPOCHS, steps_ready: ready, preview_step: own ? null : (earlier ?? null) };
    const rest = { begun: shown !== undefined, limits: [0, 10 * Math.max(1, ...ready), 0, 9], n_features: 3, note: '', of: 6 };
    return { body: encodeColumns({ ...told, ...over, ...rest }, { index: Int32Array.of(1), xy: Float32Array.of(10 * (shown ?? -1), 1) }) };
  });
  served().answers.set('cancel', () => ({ body: JSON.stringify({ state: 'cancelled' }) }));
  served().answers.set('faithfulness', () => ({ body: JSON.stringify({ trustworthiness: 0.9, kept: 0.5, k: 15, n: 2, of: 6 }) }));
  served().answers.set('stability', ({ body }) => {
    const step = Number((JSON.parse(body) as Body)['step']);
    return { body: JSON.stringify({ movement: 0.1, true_movement: 0.2, correlation: 0.5, n: 1, previous: step || null, note: '' }) };
  });
}

const layouts = (): Body[] => served().calls.filter(({ route }) => route === 'projection').map(({ body }) => JSON.parse(body) as Body);
const cancelled = (): number => served().calls.filter(({ route }) => route === 'cancel').length;
const method = signal<Method>(defaultMethod('tsne', 6));
let shown: Shown;
const x = (): number | undefined => shown.picture.value?.xy[2];

function show(source = 'dense'): void {
  shown = showLayout(signal(source), method);
  stops.push(effect(() => void [shown.picture.value, shown.job.value, shown.error.value, shown.current.value, shown.faithfulness.data.value, shown.stability.data.value, shown.epochs.value]));
  stops.push(shown.start());
}

beforeEach(async () => {
  method.value = { ...defaultMethod('tsne', 6), aligned: true, pull: 0.7 };
  ready = [];
  await openRun(EPOCHS);
  serveChain();
});

describe('a layout over the epochs', () => {
  it('is asked for with its pull; until the epoch is ready the newest before it is shown', async () => {
    goToStep(3);
    show();
    await until(() => shown.job.value !== null);
    expect(layouts()[0]).toMatchObject({ aligned: 1, pull: 0.7, step: 3, start: 0 });
    ready = [0, 1];
    await until(() => x() === 10);
    expect(shown.picture.value).toMatchObject({ step: 1, stage: 'forming' });
    expect(shown.epochs.value).toMatchObject({ done: 2, total: EPOCHS });
    ready = [0, 1, 2, 3];
    await until(() => shown.picture.value?.stage === 'final');
    expect([x(), shown.picture.value?.step]).toEqual([30, 3]);
  });

  it('reads the epochs that are ready ahead: scrubbing through them asks for nothing and cancels nothing', async () => {
    ready = [0, 1, 2, 3, 4, 5];
    goToStep(2);
    show();
    await until(() => new Set(layouts().map(({ step }) => step)).size === EPOCHS);
    await until(() => x() === 20);
    for (const epoch of [0, 1, 3, 4, 5]) {
      goToStep(epoch);
      await until(() => x() === 10 * epoch); // its answer may still be on the way
    }
    const before = layouts().length;
    for (const epoch of [3, 4, 2, 0]) {
      goToStep(epoch);
      expect([x(), shown.current.value]).toEqual([10 * epoch, true]);
    }
    expect([layouts().length, cancelled()]).toEqual([before, 0]);
  });

  it('has the same limits at all its epochs', async () => {
    ready = [0, 1];
    goToStep(0);
    show();
    await until(() => x() === 0);
    expect(shown.picture.value?.limits).toEqual([0, 10, 0, 9]);
    ready = [0, 1, 2, 3, 4, 5];
    goToStep(4);
    await until(() => x() === 40);
    goToStep(0);
    expect([x(), shown.picture.value?.limits]).toEqual([0, [0, 50, 0, 9]]);
  });

  it('is not ended by going to another epoch, but by choosing another pull', async () => {
    goToStep(1);
    show();
    await until(() => shown.job.value !== null);
    goToStep(4);
    await until(() => layouts().some(({ step }) => step === 4));
    expect(cancelled()).toBe(0);
    method.value = { ...method.value, pull: 0.2 };
    await until(() => cancelled() === 1);
  });

  it('follows the epochs that are laid out behind the shown one', async () => {
    ready = [0];
    goToStep(0);
    show();
    await until(() => shown.epochs.value?.done === 1);
    ready = [0, 1, 2];
    await until(() => shown.epochs.value?.done === 3);
    expect(shown.picture.value?.step).toBe(0);
  });

  it('tells how far it moved since the epoch before, where epochs go on one from the other', async () => {
    ready = [0, 1, 2, 3, 4, 5];
    goToStep(2);
    show();
    await until(() => shown.stability.data.value !== null);
    expect(shown.stability.data.value).toMatchObject({ movement: 0.1, trueMovement: 0.2, previous: 2, key: shown.picture.value?.key });
    const asked = served().calls.filter(({ route }) => route === 'stability').length;
    method.value = { ...defaultMethod('tsne', 6), aligned: false };
    await until(() => shown.faithfulness.data.value?.key === shown.picture.value?.key && shown.current.value);
    expect(served().calls.filter(({ route }) => route === 'stability')).toHaveLength(asked);
  });
});
