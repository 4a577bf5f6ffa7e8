import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computeActivations, fetchChannels, fetchKernel, fetchKernelNorms, fetchLayers, fetchReferenceMaps, readModelKernel } from '../../src/api';
import { kernelModel } from '../../src/views/layers/kernel_model';
import { findingsOf } from '../../src/views/layers/channel_model';
import { encodeColumns } from '../columns';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

const RUN = 'exp1/cnnvis';
const JOB = { state: 'running', job: 'j', version: 1, progress: 0.5, seconds: 1, seconds_left: 'NaN', error: '', hint: '' };
let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const body = (): unknown => JSON.parse(server.calls[0]?.body ?? 'null');

describe('what pytest has checked that the server answers', () => {
  it('lists the layers with their verdicts and the epochs with a model', async () => {
    server.answers.set('layers', () => ({ body: goldenBytes('layers.json') }));
    const { layers, step, nSamples, bound } = await fetchLayers(RUN, 2);
    const conv = layers.find(({ path }) => path === 'conv')!;
    expect(conv).toMatchObject({ type: 'Conv2D', n_channels: 3, judged: true, dead: 1, almost_dead: 1, saturated: null, kernel: { shape: [3, 3, 1, 3], source: 'record' } });
    expect(layers.find(({ path }) => path === 'squash')).toMatchObject({ judged: false, dead: null, saturated: 1 });
    expect(step).toBe(2);
    expect(bound).toBeCloseTo(Math.min(1, 3 / nSamples), 6);
  });

  it('gives the statistics of channels over all epochs', async () => {
    server.answers.set('channels', () => ({ body: goldenBytes('channels.bin') }));
    const channels = await fetchChannels(RUN, 2, 'relu');
    expect([channels.nChannels, channels.steps.length, channels.nTop]).toEqual([3, 3, 4]);
    expect(channels.statistics.samples_above_zero.length).toBe(9);
    const row = channels.steps.indexOf(2) * 3;
    const dead = findingsOf(channels).find(({ name }) => name === 'dead')!;
    expect(dead.channels.length).toBe(1);
    expect(dead.channels.map((k) => channels.statistics.samples_above_zero[row + k])).toEqual([0]);
  });

  it("gives a kernel in Keras's order", async () => {
    server.answers.set('kernels', () => ({ body: goldenBytes('kernels.bin') }));
    const kernel = await fetchKernel(RUN, 2, 'conv');
    expect(kernel).toMatchObject({ layer: 'conv', step: 2, shape: [3, 3, 1, 3], source: 'record' });
    expect(kernelModel(kernel)).toMatchObject({ height: 3, width: 3, nIn: 1, nOut: 3 });
  });

  it('gives norms and changes, a row an epoch', async () => {
    server.answers.set('kernel_norms', () => ({ body: goldenBytes('kernel_norms.bin') }));
    const { steps, nFilters, norm, change } = await fetchKernelNorms(RUN, 2, 'squash');
    expect([steps.length, nFilters, norm.length]).toEqual([3, 2, 6]);
    expect([...change.subarray(0, 2)]).toEqual([NaN, NaN]);
    expect(change.subarray(2).every((value) => value >= 0)).toBe(true);
  });

  it("gives a reference sample's maps", async () => {
    server.answers.set('maps', () => ({ body: goldenBytes('maps.bin') }));
    expect(await fetchReferenceMaps(RUN, 2, 'squash', 4)).toMatchObject({ height: 3, width: 4, channels: 2, index: 4, source: 'record' });
    expect(server.calls[0]?.query.get('reference')).toBe('4');
  });
});

it('asks the model for a kernel and for maps, which are there once the job is done', async () => {
  server.answers.set('kernels', () => ({ body: encodeColumns({ ...JOB, axes: ['height'], source: 'model' }, {}) }));
  expect(await readModelKernel(RUN, 2, 'big', true)).toMatchObject({ state: 'running', progress: 0.5, kernel: null });
  expect(body()).toEqual({ run: RUN, step: 2, layer: 'big', pointwise: 0, start: 1 });
  const maps = { maps: new Float32Array(12) };
  server.answers.set('activations', () => ({ body: encodeColumns({ ...JOB, state: 'done' }, maps, { maps: [2, 3, 2] }) }));
  const done = await computeActivations(RUN, 2, 'big', { image: 'abc' }, false);
  expect(done.maps).toMatchObject({ height: 2, width: 3, channels: 2, index: null, source: 'model' });
  expect(JSON.parse(server.calls[1]?.body ?? '')).toEqual({ run: RUN, step: 2, layer: 'big', image: 'abc', start: 0 });
});
