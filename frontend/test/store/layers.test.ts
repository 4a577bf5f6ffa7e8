import { beforeEach, describe, expect, it } from 'vitest';
import { type StepsPayload } from '../../src/schema';
import { activations, focused, goToStep, kernel, kernelPart, layerPath, layers, loadRun, shownMaps } from '../../src/store';
import { encodeColumns } from '../columns';
import { goldenJson } from '../golden';
import { until } from '../server';
import { attempt, serveEachTest, serveRun, served, watch } from './served';

serveEachTest();

type Body = Record<string, number | string>;

const entry = (path: string, source: 'record' | 'model' | null): object => ({
  path, type: 'Conv2D', role: 'convolution', output_shape: [2, 2, 1], activation: 'relu', statistics: true, embedding: false,
  kernel: source && { shape: [1, 1, 1, 1], source }, maps: true, n_channels: 1, judged: true, dead: 0, almost_dead: 0, saturated: null,
});

/** A run of three epochs, the last two with a model. */
async function openRun(source: 'record' | 'model' | null): Promise<void> {
  serveRun(({ manifest }) => void (manifest.reference_samples = [4]));
  const { steps: [first] } = goldenJson<StepsPayload>('steps.json');
  const steps = [0, 1, 2].map((step) => ({ ...first, step, model: step > 0 ? `model-${step}.keras` : null }));
  const { answers } = served();
  answers.set('steps', () => ({ body: JSON.stringify({ version: 'v', attempt: attempt(), live: false, steps }) }));
  answers.set('layers', () => ({ body: JSON.stringify({ layers: [entry('a', null), entry('b', source)], models: [1, 2], n_samples: 6, bound: 0.5 }) }));
  answers.set('maps', ({ query }) => ({ body: encodeColumns({}, { maps: new Float32Array(4).fill(-Number(query.get('step'))) }, { maps: [2, 2, 1] }) }));
  answers.set('cancel', () => ({ body: JSON.stringify({ state: 'cancelled' }) }));
  await loadRun();
}

/** Answers each request with the next state, the last one for ever; what is done has the epoch as its value. */
function serveStates(route: string, array: string, ...states: string[]): void {
  let next = 0;
  served().answers.set(route, ({ body }) => {
    const { step } = JSON.parse(body) as Body;
    const state = states[Math.min(next++, states.length - 1)]!;
    const json = { state, job: `job ${step}`, version: next, progress: 0, seconds: 0, seconds_left: 'NaN', error: state === 'failed' ? 'out of memory' : '', hint: '', axes: ['height', 'width', 'in', 'out'], source: 'model' };
    const values = Float32Array.of(0, 0, 0, Number(step));
    return { body: encodeColumns(json, state === 'done' ? { [array]: values } : {}, { [array]: [2, 2, 1, 1].slice(0, array === 'maps' ? 3 : 4) }) };
  });
}

const asked = (route: string): string[] =>
  served().calls.filter((call) => call.route === route && call.method === 'POST').map(({ body }) => JSON.parse(body) as Body)
    .map(({ step, start, job }) => String(job ?? `${step} start ${start}`));

beforeEach(() => void (layerPath.value = ''));

describe('a kernel', () => {
  it('of the record is read as it is, at the shown epoch', async () => {
    await openRun('record');
    served().answers.set('kernels', ({ query }) => ({ body: encodeColumns({ axes: ['out'], source: 'record' }, { kernel: Float32Array.of(Number(query.get('step'))) }) }));
    watch(layers);
    watch(kernel);
    await until(() => kernel.data.value?.kernel?.data[0] === 2);
    goToStep(0);
    await until(() => kernel.data.value?.kernel?.data[0] === 0);
    expect(asked('kernels')).toEqual([]);
  });

  it('of a separable convolution is one of two, each from where it is', async () => {
    await openRun('record');
    const info = { shape: [1, 1, 1, 1], source: 'record', pointwise: { shape: null, source: 'model' } };
    const both = { ...entry('b', 'record'), type: 'SeparableConv2D', kernel: info };
    served().answers.set('layers', () => ({ body: JSON.stringify({ layers: [both], models: [1, 2], n_samples: 6, bound: 0.5 }) }));
    served().answers.set('kernels', ({ query }) => ({ body: encodeColumns({ axes: ['out'], source: 'record' }, { kernel: Float32Array.of(Number(query.get('pointwise'))) }) }));
    watch(layers);
    watch(kernel);
    await until(() => kernel.data.value?.kernel?.pointwise === false);
    await until(() => served().calls.filter(({ route }) => route === 'kernels').length === 2);
    serveStates('kernels', 'kernel', 'absent', 'done');
    kernelPart.value = 'pointwise';
    await until(() => kernel.data.value?.kernel?.pointwise === true);
    expect(asked('kernels')).toEqual(['2 start 0', '2 start 1']);
    kernelPart.value = '';
  });

  it('of a model is looked for, read by a job where nobody has, and followed until it is done', async () => {
    await openRun('model');
    serveStates('kernels', 'kernel', 'absent', 'running', 'running', 'done');
    watch(layers);
    watch(kernel);
    await until(() => kernel.data.value?.state === 'done');
    expect(kernel.data.value?.kernel).toMatchObject({ layer: 'b', step: 2, source: 'model' });
    expect(asked('kernels')).toEqual(['2 start 0', '2 start 1', '2 start 0', '2 start 0']);
  });

  it('whose job fails says why, and is started again on demand', async () => {
    await openRun('model');
    serveStates('kernels', 'kernel', 'absent', 'failed', 'failed', 'done');
    watch(layers);
    watch(kernel);
    await until(() => kernel.error.value !== null);
    expect(kernel.error.value?.message).toBe('out of memory');
    kernel.retry();
    await until(() => kernel.data.value?.state === 'done');
    expect(asked('kernels').at(-1)).toBe('2 start 1');
  });

  it('that is neither stored nor in a model is not asked for', async () => {
    await openRun(null);
    watch(layers);
    watch(kernel);
    await until(() => layers.data.value !== null && !layers.loading.value);
    expect(kernel.loading.value).toBe(false);
    expect(served().calls.filter(({ route }) => route === 'kernels')).toEqual([]);
  });
});

describe('maps of the focused sample', () => {
  const follow = (): void => [layers, activations, { data: shownMaps, error: layers.error }].forEach(watch);

  it('are computed by the model of the epoch', async () => {
    await openRun('record');
    serveStates('activations', 'maps', 'absent', 'running', 'done');
    focused.value = 3;
    follow();
    await until(() => shownMaps.value !== null);
    expect(shownMaps.value).toMatchObject({ index: 3, step: 2, source: 'model' });
  });

  it('are the stored ones of a reference sample where no model is kept', async () => {
    await openRun('record');
    serveStates('activations', 'maps', 'done');
    focused.value = 4;
    goToStep(0);
    follow();
    await until(() => shownMaps.value !== null);
    expect(shownMaps.value).toMatchObject({ index: 4, step: 0, source: 'record' });
    expect(asked('activations')).toEqual([]);
  });

  it('are ended when another epoch is wanted', async () => {
    await openRun('record');
    serveStates('activations', 'maps', 'absent', 'running');
    focused.value = 3;
    follow();
    await until(() => activations.data.value?.state === 'running');
    serveStates('activations', 'maps', 'done');
    goToStep(1);
    await until(() => shownMaps.value?.step === 1);
    expect(asked('cancel')).toEqual(['job 2']);
  });

  it('are started again only on demand after a cancel', async () => {
    await openRun('record');
    serveStates('activations', 'maps', 'absent', 'running');
    focused.value = 3;
    follow();
    await until(() => activations.data.value?.state === 'running');
    serveStates('activations', 'maps', 'cancelled');
    activations.cancel();
    await until(() => activations.data.value?.state === 'cancelled');
    const before = asked('activations').filter((text) => text.endsWith('1')).length;
    serveStates('activations', 'maps', 'cancelled', 'done');
    activations.run();
    await until(() => shownMaps.value !== null);
    expect(asked('activations').filter((text) => text.endsWith('start 1')).length).toBe(before + 1);
  });
});
