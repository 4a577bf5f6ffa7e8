import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ApiError,
  atlasUrl,
  computeProjection,
  fetchColumns,
  fetchInput,
  fetchRun,
  fetchRuns,
  fetchSample,
  fetchSteps,
  fetchTable,
  isStale,
} from '../src/api';
import { encodeColumns } from './columns';
import { goldenJson } from './golden';
import { type Server, startServer, until } from './server';

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const RUN = 'exp1/cnnvis';
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => null, (error: unknown) => error);

describe('the golden answers', () => {
  it('runs', async () => {
    expect(await fetchRuns()).toEqual([
      { run: RUN, name: 'exp1', n_samples: 6, n_classes: 3, n_steps: 3, last_step: 2, created: 0, error: null },
    ]);
  });

  it('run, whose columns name every kind that the page knows', async () => {
    const { manifest, columns, atlas } = await fetchRun(RUN);
    expect(manifest.class_names).toEqual(['ant', 'bee', '<b>cat</b>']);
    expect(manifest.splits.map(({ name, start, count }) => [name, start, count])).toEqual([['train', 0, 2], ['validation', 2, 4]]);
    expect(manifest.input.shape).toEqual([3, 4, 1]);
    expect(manifest.layers.every((layer) => Array.isArray(layer.inputs))).toBe(true);
    expect(columns.map(({ name }) => name).slice(0, 5)).toEqual(['sample_index', 'source_index', 'id', 'split', 'label']);
    const kinds = ['number', 'integer', 'category', 'boolean', 'index', 'text'];
    for (const column of columns) expect(kinds).toContain(column.kind);
    expect(columns.find(({ name }) => name === 'camera')?.values).toContain('<b>top</b>');
    expect(atlas.per_page).toBe(atlas.columns * atlas.rows);
  });

  it('steps', async () => {
    const { steps } = await fetchSteps(RUN);
    expect(steps.map(({ step }) => step)).toEqual([0, 1, 2]);
    expect(steps[0]?.splits.map(({ name }) => name)).toEqual(['train', 'validation']);
    expect(steps[0]?.splits[0]?.loss).toBeGreaterThan(0);
  });

  it('columns', async () => {
    const columns = await fetchColumns(RUN, 2, ['loss', 'label', 'correct', 'camera', 'sample_index']);
    expect(columns.get('loss')).toBeInstanceOf(Float32Array);
    expect(columns.get('camera')).toBeInstanceOf(Int32Array);
    expect(columns.get('correct')).toBeInstanceOf(Uint8Array);
  });

  it('table, by falling loss', async () => {
    const page = await fetchTable({ run: RUN, step: 2, sort: 'loss', descending: true, offset: 0, limit: 5, splits: [], focus: 3 });
    expect(page.total).toBe(6);
    expect(page.columns.get('sample_index')?.[page.focus_position ?? -1]).toBe(3);
    const losses = Array.from(page.columns.get('loss') ?? []);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(page.text['note']).toHaveLength(5);
    expect(server.calls[0]?.query.get('descending')).toBe('1');
    expect(server.calls[0]?.query.has('splits')).toBe(false);
  });

  it('sample', async () => {
    const sample = await fetchSample(RUN, 2, 1);
    expect(sample.id).toBe('img_00001.png');
    expect(Array.from(sample.steps)).toEqual([0, 1, 2]);
    expect(sample.losses[2]).toBeCloseTo(sample.loss, 5);
    expect(Array.from(sample.scoreClasses)).toContain(sample.label);
    const total = Array.from(sample.scores).reduce((sum, score) => sum + score, 0);
    expect(total).toBeCloseTo(1, 4);
    expect(sample.classMedianLosses).toHaveLength(3);
  });

  it('input', async () => {
    const input = await fetchInput(RUN, 1);
    expect([input.height, input.width, input.channels]).toEqual([3, 4, 1]);
    expect(input.data).toBeInstanceOf(Uint8Array);
    expect(input.data).toHaveLength(12);
    expect([input.low, input.high, input.image]).toEqual([0, 255, null]);
  });

  it('projection', async () => {
    const projection = await computeProjection(RUN, 'inputs', 2);
    expect(projection.xy).toHaveLength(12);
    const [x0, x1, y0, y1] = projection.limits;
    for (let i = 0; i < 12; i += 2) {
      expect(projection.xy[i]).toBeGreaterThanOrEqual(x0);
      expect(projection.xy[i]).toBeLessThanOrEqual(x1);
      expect(projection.xy[i + 1]).toBeGreaterThanOrEqual(y0);
      expect(projection.xy[i + 1]).toBeLessThanOrEqual(y1);
    }
    expect(projection.aligned).toBe(true);
  });
});

describe('a request', () => {
  it('keeps below the base address, so that a path prefix works', () => {
    expect(new URL(atlasUrl('a/b&c', 3)).pathname).toBe('/prefix/plugin/cnnvis/atlas');
    expect(new URL(atlasUrl('a/b&c', 3)).searchParams.get('run')).toBe('a/b&c');
  });

  it('that computes is a POST with our header', async () => {
    await computeProjection(RUN, 'inputs', 2);
    const [call] = server.calls;
    expect(call?.method).toBe('POST');
    expect(call?.headers['x-cnnvis']).toBe('1');
    expect(JSON.parse(call?.body ?? '')).toEqual({ run: RUN, source: 'inputs', step: 2, method: 'pca' });
  });

  it('is dropped when a newer one takes its place', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const golden = JSON.stringify(goldenJson('run.json'));
    server.answers.set('run', async ({ query }) => {
      if (query.get('run') === 'slow') await held;
      return { body: golden.replaceAll(RUN, query.get('run') ?? '') };
    });
    const slow = caught(fetchRun('slow'));
    await until(() => server.calls.length === 1);
    const fast = await fetchRun('fast');
    release();
    expect(isStale(await slow)).toBe(true);
    expect(fast.run).toBe('fast');
  });
});

describe('a failure', () => {
  it('says what the server said, and what to do', async () => {
    server.answers.set('columns', () => ({ status: 404, body: JSON.stringify(goldenJson('error.json')) }));
    const error = await caught(fetchColumns(RUN, 99, ['loss']));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ message: 'epoch 99 is not logged; logged are 0 to 2', status: 404 });
    expect((error as ApiError).hint).not.toBe('');
  });

  it('of a proxy is told by its status', async () => {
    server.answers.set('runs', () => ({ status: 502, body: '<html>' }));
    expect(await caught(fetchRuns())).toMatchObject({ message: 'The server answered 502 Bad Gateway.', status: 502 });
  });

  it('to reach the server at all has status 0', async () => {
    await server.close();
    expect(await caught(fetchRuns())).toMatchObject({ message: 'TensorBoard does not answer.', status: 0 });
    server = await startServer();
  });

  it('to deliver a column is not passed over', async () => {
    server.answers.set('columns', () => ({ body: encodeColumns({}, { label: Int32Array.of(1) }) }));
    expect(String(await caught(fetchColumns(RUN, 2, ['loss'])))).toContain("lacks the column 'loss'");
  });
});

describe('numbers in JSON', () => {
  it('may be NaN or infinite', async () => {
    const steps = goldenJson<{ steps: { splits: { loss: unknown; accuracy: unknown }[]; logs: object }[] }>('steps.json');
    Object.assign(steps.steps[0]?.splits[0] ?? {}, { loss: 'NaN', accuracy: 'Infinity' });
    Object.assign(steps.steps[0] ?? {}, { logs: { loss: '-Infinity' }, learning_rate: null });
    server.answers.set('steps', () => ({ body: JSON.stringify(steps) }));
    const [first] = (await fetchSteps(RUN)).steps;
    expect(first?.splits[0]).toMatchObject({ loss: NaN, accuracy: Infinity });
    expect(first).toMatchObject({ logs: { loss: -Infinity }, learning_rate: null });
  });
});
