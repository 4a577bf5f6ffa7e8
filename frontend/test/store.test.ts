import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effect } from '@preact/signals';
import { type RunPayload, type StepsPayload } from '../src/schema';
import {
  TableRows,
  colourBy,
  column,
  focusNeighbour,
  focused,
  goToStep,
  loadRun,
  loadRuns,
  loadSteps,
  moveStep,
  payload,
  projection,
  run,
  runError,
  runs,
  SampleSet,
  selected,
  shownSplits,
  splitFilter,
  step,
  steps,
  stepsError,
  switching,
} from '../src/store';
import { fitState } from '../src/store/runs';
import { encodeColumns } from './columns';
import { goldenBytes, goldenJson } from './golden';
import { type Server, startServer, until } from './server';

const RUN = 'exp1/cnnvis';
let server: Server;
const stops: (() => void)[] = [];

beforeEach(async () => {
  server = await startServer();
  stops.push(effect(fitState));
  await loadRuns();
  run.value = RUN;
  await loadRun();
});

afterEach(async () => {
  stops.splice(0).forEach((stop) => stop());
  await server.close();
  forgetRun();
});

let attempts = 0;
/** Each test has its own attempt, so that none finds what another has cached. */
function forgetRun(): void {
  attempts++;
  step.value = null;
  focused.value = null;
  colourBy.value = 'label';
  shownSplits.value = new Set();
}

function serveSteps(count: number, attempt: string, version = `v${count}`): void {
  const { steps: [first] } = goldenJson<StepsPayload>('steps.json');
  const all = Array.from({ length: count }, (_, at) => ({ ...first, step: at }));
  server.answers.set('steps', () => ({ body: JSON.stringify({ version, attempt, live: true, steps: all }) }));
}

function serveRun(change: (payload: RunPayload) => void): void {
  const answer = goldenJson<RunPayload>('run.json');
  answer.manifest.attempt = `attempt ${attempts}`;
  change(answer);
  server.answers.set('run', () => ({ body: JSON.stringify(answer) }));
}

/** Loads the golden run with `count` epochs as an attempt of its own. */
async function openRun(count: number): Promise<void> {
  serveRun(() => undefined);
  serveSteps(count, `attempt ${attempts}`);
  await loadRun();
}

/** Keeps a resource loading, as a component on the page does. */
function watch(resource: { data: { value: unknown }; error: { value: unknown } }): void {
  stops.push(effect(() => void [resource.data.value, resource.error.value]));
}

describe('a run', () => {
  it('is the newest one where the link names none, and shows its last epoch', () => {
    expect(runs.value.map(({ name }) => name)).toEqual(['exp1']);
    expect(payload.value?.run).toBe(RUN);
    expect(step.value).toBe(steps.value.at(-1)?.step);
    expect([...shownSplits.value]).toEqual(['train', 'validation']);
    expect(splitFilter.value).toEqual([]);
  });

  it('stays on the page until the next one is read, and when that fails', async () => {
    server.answers.set('run', () => ({ status: 404, body: JSON.stringify({ error: "run '<img>' is not here", hint: 'choose another' }) }));
    run.value = '<img>';
    expect(switching.value).toBe(true);
    await loadRun();
    expect(payload.value?.run).toBe(RUN);
    expect(runError.value).toMatchObject({ message: "run '<img>' is not here", hint: 'choose another' });
  });

  it('drops the answer of a run that is no longer wanted', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const golden = JSON.stringify(goldenJson('run.json'));
    server.answers.set('run', async ({ query }) => {
      if (query.get('run') === 'slow') await held;
      return { body: golden.replaceAll(RUN, query.get('run') ?? '') };
    });
    run.value = 'slow';
    const before = server.calls.length;
    const slow = loadRun();
    await until(() => server.calls.length >= before + 2);
    run.value = 'fast';
    await loadRun();
    release();
    await slow;
    expect(payload.value?.run).toBe('fast');
    expect(runError.value).toBeNull();
  });

  it('with other samples forgets what was selected', async () => {
    selected.value = SampleSet.of([1], 4);
    focused.value = 2;
    serveRun(({ manifest }) => (manifest.probe = 'another'));
    await loadRun();
    expect(selected.value.size).toBe(0);
    expect(focused.value).toBeNull();
  });

  it('ignores what a link asks of it in vain', async () => {
    focused.value = 6;
    step.value = 999;
    colourBy.value = '__proto__';
    shownSplits.value = new Set(['train', '<script>']);
    expect(focused.value).toBeNull();
    expect(step.value).toBe(2);
    expect(colourBy.value).toBe('label');
    expect([...shownSplits.value]).toEqual(['train']);
  });

  it('is not coloured by text', () => {
    colourBy.value = 'note';
    expect(colourBy.value).toBe('label');
  });
});

describe('the epoch', () => {
  it('follows the last one while training goes on', async () => {
    await openRun(3);
    serveSteps(5, `attempt ${attempts}`);
    await loadSteps();
    expect(step.value).toBe(4);
  });

  it('stays where the user has put it', async () => {
    await openRun(3);
    step.value = 1;
    serveSteps(150, `attempt ${attempts}`);
    await loadSteps();
    expect(step.value).toBe(1);
    expect(steps.value).toHaveLength(150);
  });

  it('moves among those that are logged, and stops at the ends', async () => {
    await openRun(4);
    moveStep(1);
    expect(step.value).toBe(3);
    moveStep(-2);
    expect(step.value).toBe(1);
    goToStep(-7);
    expect(step.value).toBe(0);
    goToStep(2.4);
    expect(step.value).toBe(2);
  });

  it('of a new attempt is shown with what that attempt says of itself', async () => {
    await openRun(3);
    serveRun(({ manifest }) => Object.assign(manifest, { attempt: 'newer', warnings: ['restarted'] }));
    serveSteps(1, 'newer');
    await loadSteps();
    expect(payload.value?.manifest.warnings).toEqual(['restarted']);
    expect(step.value).toBe(0);
  });

  it('keeps the last good list when the server goes away', async () => {
    await openRun(3);
    server.answers.set('steps', () => ({ status: 500, body: '' }));
    await loadSteps();
    expect(steps.value).toHaveLength(3);
    expect(stepsError.value?.status).toBe(500);
    serveSteps(3, `attempt ${attempts}`);
    await loadSteps();
    expect(stepsError.value).toBeNull();
  });
});

/** Answers `columns` with the epoch itself as every value. */
function serveEpochs(hold?: (epoch: number) => Promise<void>): void {
  server.answers.set('columns', async ({ query }) => {
    const epoch = Number(query.get('step'));
    await hold?.(epoch);
    const names = (query.get('names') ?? '').split(',');
    const arrays = names.map((name) => [name, name === 'loss' ? new Float32Array(6).fill(epoch) : new Int32Array(6).fill(epoch)] as const);
    return { body: encodeColumns({}, Object.fromEntries(arrays)) };
  });
}

const askedEpochs = (): string[] => server.calls.filter(({ route }) => route === 'columns').map(({ query }) => `${query.get('step')} ${query.get('names')}`);

describe('a column', () => {
  it('travels with those asked for at the same time', async () => {
    await openRun(1);
    serveEpochs();
    const [loss, prediction] = [column('loss'), column('prediction')];
    watch(loss);
    watch(prediction);
    await until(() => loss.data.value !== null && prediction.data.value !== null);
    expect(askedEpochs()).toEqual(['0 loss,prediction']);
    expect(prediction.data.value?.categories).toEqual(['ant', 'bee', '<b>cat</b>']);
  });

  it('is not asked for before something shows it', async () => {
    await openRun(1);
    serveEpochs();
    column('margin');
    await loadSteps();
    expect(askedEpochs()).toEqual([]);
  });

  it('of the epochs beside the shown one is read ahead, and then there at once', async () => {
    await openRun(5);
    serveEpochs();
    goToStep(2);
    const loss = column('loss');
    watch(loss);
    await until(() => askedEpochs().length === 4);
    expect(askedEpochs()).toEqual(['2 loss', '3 loss', '1 loss', '4 loss']);
    await until(() => server.calls.at(-1)?.query.get('step') === '4');
    goToStep(3);
    expect(loss.data.value?.step).toBe(3);
    expect(loss.loading.value).toBe(false);
  });

  it('never shows the answer for an epoch that is no longer wanted', async () => {
    await openRun(9);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    serveEpochs(async (epoch) => (epoch === 8 ? held : undefined));
    const loss = column('loss');
    const seen: (number | undefined)[] = [];
    stops.push(effect(() => void seen.push(loss.data.value?.step)));
    await until(() => askedEpochs().length === 1);
    goToStep(6);
    goToStep(0);
    expect(loss.loading.value).toBe(true);
    release();
    await until(() => !loss.loading.value);
    expect(loss.data.value?.values).toEqual(new Float32Array(6));
    expect(seen.filter((epoch) => epoch !== undefined)).toEqual([0]);
    expect(askedEpochs().slice(0, 2)).toEqual(['8 loss', '0 loss']);
  });

  it('that cannot be read says why, keeps the last good one, and can be tried again', async () => {
    await openRun(2);
    serveEpochs();
    goToStep(0);
    const loss = column('loss');
    watch(loss);
    await until(() => loss.data.value !== null && askedEpochs().length === 2);
    serveSteps(4, `attempt ${attempts}`);
    await loadSteps();
    server.answers.set('columns', () => ({ status: 409, body: JSON.stringify({ error: 'damaged', hint: 'retry' }) }));
    goToStep(3);
    await until(() => loss.error.value !== null);
    expect(loss.error.value).toMatchObject({ message: 'damaged', hint: 'retry' });
    expect(loss.data.value?.step).toBe(0);
    serveEpochs();
    loss.retry();
    await until(() => loss.data.value?.step === 3);
    expect(loss.error.value).toBeNull();
  });
});

describe('a server that comes back', () => {
  it('is asked again for what failed meanwhile', async () => {
    await openRun(1);
    await server.close();
    const loss = column('loss');
    watch(loss);
    await until(() => loss.error.value !== null);
    await loadSteps();
    expect([loss.error.value?.status, stepsError.value?.status]).toEqual([0, 0]);
    server = await startServer();
    serveSteps(1, `attempt ${attempts}`);
    serveEpochs();
    await loadSteps();
    await until(() => loss.data.value !== null);
    expect(loss.error.value).toBeNull();
  });
});

describe('a projection', () => {
  it('is asked for again until its epochs are aligned', async () => {
    await openRun(1);
    let turn = 0;
    server.answers.set('projection', () => {
      const json = { explained: [0.5, 'NaN'], limits: [0, 1, 0, 1], aligned: ++turn > 1, done: turn, total: 2, n_features: 4, note: '' };
      return { body: encodeColumns(json, { xy: new Float32Array(12) }, { xy: [6, 2] }) };
    });
    const hidden = projection('backbone/dense');
    watch(hidden);
    await until(() => hidden.data.value !== null);
    expect(hidden.data.value).toMatchObject({ aligned: false, done: 1, explained: [0.5, NaN] });
    await until(() => hidden.data.value?.aligned === true);
    expect(hidden.data.value).toMatchObject({ done: 2, nFeatures: 4, step: 0, source: 'backbone/dense' });
  });
});

describe('the focus', () => {
  it('moves among the samples of the shown splits', () => {
    shownSplits.value = new Set(['validation']);
    focusNeighbour(1);
    expect(focused.value).toBe(2);
    focusNeighbour(-1);
    expect(focused.value).toBe(2);
    focused.value = 5;
    focusNeighbour(1);
    expect(focused.value).toBe(5);
  });
});

describe('the table', () => {
  it('asks for the page in sight and finds the focused sample in it', async () => {
    await openRun(3);
    focused.value = 3;
    server.answers.set('table', () => ({ body: goldenBytes('table.bin') }));
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value > 0 && rows.focusPosition.value !== null);
    expect(rows.total.value).toBe(6);
    expect(rows.focusPosition.value).toBe(1);
    const row = rows.row(1);
    expect(row?.page.columns.get('sample_index')?.[row.at]).toBe(3);
    const asked = server.calls.filter(({ route }) => route === 'table');
    expect(asked).toHaveLength(1);
    expect(asked[0]?.query.get('sort')).toBe('loss');
    focused.value = Number(rows.row(2)?.page.columns.get('sample_index')?.[2]);
    expect(rows.focusPosition.value).toBe(2);
    expect(server.calls.filter(({ route }) => route === 'table')).toHaveLength(1);
  });

  it('focuses the sample in a row, and forgets the place of one that is focused elsewhere', async () => {
    await openRun(3);
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value === 6 && !rows.loading.value);
    await rows.focusAt(4);
    expect([focused.value, rows.focusPosition.value]).toEqual([1, 4]);
    server.answers.set('table', () => new Promise(() => undefined));
    focused.value = 5;
    expect(rows.focusPosition.value).toBeNull();
  });

  it('keeps its rows and says why when the server fails', async () => {
    await openRun(3);
    const rows = new TableRows();
    stops.push(rows.start());
    rows.show(0, 5);
    await until(() => rows.total.value === 6);
    server.answers.set('table', () => ({ status: 400, body: JSON.stringify({ error: 'no', hint: '' }) }));
    step.value = 0;
    await until(() => rows.error.value !== null);
    expect(rows.row(0)).not.toBeNull();
    server.answers.delete('table');
    rows.retry();
    await until(() => rows.error.value === null && !rows.loading.value);
  });
});
