import { beforeEach, describe, expect, it } from 'vitest';
import { type RunPayload, type StepsPayload } from '../../src/schema';
import {
  addMap,
  chooseAttributionMode,
  chooseMapMethod,
  deletionFill,
  epochSlots,
  explained,
  focused,
  goToStep,
  loadRun,
  loadSteps,
  removeMap,
  selected,
  SampleSet,
  setSpec,
  sheetFollower,
  shownDeletions,
  slots,
  specs,
  startAttribution,
} from '../../src/store';
import { specOf } from '../../src/store/attribution_specs';
import { encodeColumns } from '../columns';
import { goldenJson } from '../golden';
import { until } from '../server';
import { attempt, served, serveEachTest, serveRun, stops } from './served';

serveEachTest();

type Body = Record<string, number | string | null>;

const bodies = (route: string): Body[] =>
  served().calls.filter((call) => call.route === route).map(({ body }) => JSON.parse(body) as Body);
const started = (route = 'attribution'): Body[] => bodies(route).filter(({ start }) => start === 1);
const cancelled = (): string[] => bodies('cancel').map(({ job }) => String(job));

/** Epochs 0 to 4; the models of 1, 3 and 4 are kept. */
async function openKept(change: (payload: RunPayload) => void = () => undefined): Promise<void> {
  serveRun(change);
  const { steps: [first] } = goldenJson<StepsPayload>('steps.json');
  const steps = Array.from({ length: 5 }, (_, step) => ({ ...first, step, model: [1, 3, 4].includes(step) ? 'model.keras' : null }));
  served().answers.set('steps', () => ({ body: JSON.stringify({ version: 'v', attempt: attempt(), live: false, steps }) }));
  await loadRun();
  await loadSteps();
}

const jobFields = (state: string, job: string): Record<string, unknown> =>
  ({ state, job, version: 1, progress: 0.5, seconds: 1, seconds_left: 2, error: 'no memory', hint: 'do that' });

/** Every map is of 3 x 4 pixels and holds its epoch; what is started goes through `states`, the last one for ever. */
function serveMaps(...states: string[]): void {
  const turns = new Map<string, number>();
  const state = (body: Body, key: string): string => {
    const turn = turns.get(key) ?? (body['start'] === 1 ? 0 : -1);
    if (turn >= 0) turns.set(key, turn + 1);
    return turn < 0 ? 'absent' : (states[Math.min(turn, states.length - 1)] ?? 'done');
  };
  const keyOf = ({ start: _start, known: _known, ...rest }: Body): string => JSON.stringify(rest);
  served().answers.set('attribution', ({ body: text }) => {
    const body = JSON.parse(text) as Body;
    const now = state(body, keyOf(body));
    const facts = { baseline: 0.9, class: 2, class_name: 'c', unit: 'score', positions: 12, done: 6, ...jobFields(now, `${body['method']} ${body['step']}`) };
    const there = now === 'running' || now === 'done';
    return { body: encodeColumns(facts, there ? { map: new Float32Array(12).fill(Number(body['step'])) } : {}, { map: [3, 4] }) };
  });
  served().answers.set('deletion', ({ body: text }) => {
    const body = JSON.parse(text) as Body;
    const now = state(body, `deletion ${keyOf(body)}`);
    const arrays = { share: Float32Array.of(0, 1), score: Float32Array.of(0.9, 0), random: Float32Array.of(0.9, 0.1) };
    return { body: encodeColumns({ area: 0.45, random_area: 0.5, ...jobFields(now, 'deletion') }, now === 'done' ? arrays : {}) };
  });
  served().answers.set('cancel', () => ({ body: JSON.stringify({ state: 'cancelled' }) }));
}

function show(mode = ''): void {
  chooseAttributionMode(mode);
  focused.value = 2;
  stops.push(startAttribution());
}

const spec = (method: Parameters<typeof chooseMapMethod>[1]): ReturnType<typeof specOf> => specOf({ method }, [3, 4], []);

beforeEach(() => {
  while (specs.value.length > 1) removeMap(specs.value.length - 1);
  chooseMapMethod(0, 'occlusion');
  setSpec(0, spec('occlusion'));
  deletionFill.value = 'mean';
  selected.value = SampleSet.EMPTY;
});

describe('maps side by side', () => {
  it('are looked for, then started, and shown while they form; then their deletion curves are made', async () => {
    await openKept();
    serveMaps('running', 'done');
    show();
    const slot = slots[0]!;
    await until(() => slot.shown.value?.state === 'running');
    expect(slot.shown.value).toMatchObject({ height: 3, width: 4, done: 6, positions: 12, baseline: 0.9, className: 'c' });
    await until(() => slot.shown.value?.state === 'done');
    expect(slot.follower.job.value).toBeNull();
    await until(() => shownDeletions.value[0] !== null);
    expect(shownDeletions.value[0]).toMatchObject({ area: 0.45, randomArea: 0.5 });
    expect(bodies('attribution').map(({ start }) => start)).toEqual([0, 1, 0]);
    expect(started()[0]).toEqual({ run: 'exp1/cnnvis', step: 4, index: 2, method: 'occlusion', class: null, height: 1, width: 1, stride: 1, fill: 'zero', start: 1 });
    expect(started('deletion')[0]).toMatchObject({ method: 'occlusion', height: 1, deletion_fill: 'mean' });
  });

  it('of another sample are dropped at once, and their work ends', async () => {
    await openKept();
    serveMaps('running');
    show();
    await until(() => slots[0]!.shown.value !== null);
    focused.value = 3;
    expect(slots[0]!.shown.value).toBeNull();
    await until(() => cancelled().length === 1);
    expect(cancelled()).toEqual(['occlusion 4']);
    await until(() => started().length === 2);
    expect(started()[1]).toMatchObject({ index: 3 });
  });

  it('of other parameters stay until the new ones come, and are not taken for them', async () => {
    await openKept();
    serveMaps('done');
    show();
    const slot = slots[0]!;
    await until(() => slot.current.value);
    setSpec(0, { ...spec('occlusion'), stride: 2 });
    expect([slot.shown.value?.state, slot.current.value]).toEqual(['done', false]);
    await until(() => slot.current.value);
    expect(started()[1]).toMatchObject({ stride: 2 });
  });

  it('that differ only in how they are shown are not computed again', async () => {
    await openKept();
    serveMaps('done');
    show();
    await until(() => slots[0]!.current.value);
    setSpec(0, { ...spec('occlusion'), show: 'score' });
    expect(slots[0]!.current.value).toBe(true);
  });

  it('ask for the label or any class where that is told', async () => {
    await openKept();
    serveMaps('done');
    setSpec(0, { ...spec('gradient'), target: 1 });
    show();
    await until(() => started().length === 1);
    expect(started()[0]).toMatchObject({ class: 1, sigma: 0 });
  });

  it('are not asked for without a kept model', async () => {
    await openKept();
    serveMaps('done');
    show();
    await until(() => slots[0]!.current.value);
    goToStep(2);
    expect([slots[0]!.question.value, slots[0]!.shown.value, explained.value]).toEqual([null, null, 2]);
    expect(bodies('attribution').some(({ step }) => step === 2)).toBe(false);
  });

  it('that take more than 20,000 passes wait for consent, and say it to the server', async () => {
    await openKept((payload) => void (payload.manifest.input.shape = [300, 300, 1]));
    serveMaps('done');
    setSpec(0, { ...specOf({ method: 'occlusion' }, [300, 300], []), stride: 1, height: 10, width: 10 });
    show();
    expect(slots[0]!.question.value?.tooMany).toBe(291 * 291);
    expect(bodies('attribution')).toEqual([]);
    slots[0]!.confirm();
    await until(() => slots[0]!.shown.value !== null);
    expect(started()[0]).toMatchObject({ confirm: 1 });
  });

  it('that are cancelled stay as far as they have come, and can be run again', async () => {
    await openKept();
    serveMaps('running', 'running', 'done');
    show();
    const slot = slots[0]!;
    await until(() => slot.shown.value !== null);
    slot.follower.cancel();
    expect(slot.follower.job.value?.state).toBe('cancelled');
    expect(slot.shown.value?.state).toBe('running');
    slot.follower.run();
    await until(() => slot.shown.value?.state === 'done');
  });

  it('that were left before they were made are started when they are wanted again, but not those that the user cancelled', async () => {
    await openKept();
    const states = new Map<string, string>();
    served().answers.set('attribution', ({ body: text }) => {
      const { index, start } = JSON.parse(text) as Body;
      if (start === 1) states.set(`job ${index}`, 'running');
      return { body: encodeColumns({ baseline: 0.9, class: 2, unit: 'score', positions: 1, done: 0, ...jobFields(states.get(`job ${index}`) ?? 'absent', `job ${index}`) }, {}) };
    });
    served().answers.set('cancel', ({ body: text }) => {
      states.set(String((JSON.parse(text) as Body)['job']), 'cancelled');
      return { body: JSON.stringify({ state: 'cancelled' }) };
    });
    show();
    const { follower } = slots[0]!;
    for (const index of [2, 3, 2]) {
      focused.value = index;
      await until(() => follower.job.value?.job === `job ${index}` && follower.job.value.state === 'running');
    }
    expect(started().map(({ index }) => index)).toEqual([2, 3, 2]);
    follower.cancel();
    focused.value = 3;
    await until(() => follower.job.value?.job === 'job 3');
    focused.value = 2;
    await until(() => follower.job.value?.job === 'job 2');
    expect(follower.job.value?.state).toBe('cancelled');
    follower.run();
    await until(() => follower.job.value?.state === 'running');
  });

  it('that fail say why', async () => {
    await openKept();
    serveMaps('failed');
    show();
    await until(() => slots[0]!.follower.error.value !== null);
    expect(slots[0]!.follower.error.value).toMatchObject({ message: 'no memory', hint: 'do that' });
  });

  it('are three at most, one at least', () => {
    addMap('gradient');
    addMap('grad_cam');
    addMap('smooth_grad');
    expect(specs.value.map(({ method }) => method)).toEqual(['occlusion', 'gradient', 'grad_cam']);
    [2, 1, 0].forEach(removeMap);
    expect(specs.value.map(({ method }) => method)).toEqual(['occlusion']);
  });
});

describe('one method over the epochs', () => {
  it('asks for one kept epoch after the other, for the class that is predicted at the shown one', async () => {
    await openKept();
    serveMaps('running', 'done');
    const values = Int32Array.of(0, 0, 1, 0, 0, 0);
    served().answers.set('columns', ({ query }) => ({
      body: encodeColumns({}, Object.fromEntries((query.get('names') ?? '').split(',').map((name) => [name, values]))),
    }));
    show('epochs');
    await until(() => epochSlots[2]!.shown.value?.state === 'done');
    expect(started().map(({ step, class: of }) => [step, of])).toEqual([[1, 1], [3, 1], [4, 1]]);
    expect([0, 1, 2].map((k) => epochSlots[k]!.shown.value?.map?.[0])).toEqual([1, 3, 4]);
    expect(bodies('deletion')).toEqual([]);
  });
});

describe('many passes over the epochs', () => {
  it('do not keep an epoch that was agreed to waiting for another', async () => {
    await openKept((payload) => void (payload.manifest.input.shape = [300, 300, 1]));
    serveMaps('done');
    served().answers.set('columns', ({ query }) => ({
      body: encodeColumns({}, Object.fromEntries((query.get('names') ?? '').split(',').map((name) => [name, new Int32Array(6)]))),
    }));
    setSpec(0, { ...specOf({ method: 'occlusion' }, [300, 300], []), stride: 1, height: 10, width: 10 });
    show('epochs');
    await until(() => epochSlots[1]!.question.value !== null);
    epochSlots[1]!.confirm();
    await until(() => epochSlots[1]!.shown.value !== null);
    expect(started().map(({ step }) => step)).toEqual([3]);
  });
});

describe('a sheet', () => {
  it('is asked for with the selected samples, and shown as it is made', async () => {
    await openKept();
    serveMaps();
    served().answers.set('attribution_sheet', ({ body: text }) => {
      const { start } = JSON.parse(text) as Body;
      const arrays = { index: Int32Array.of(1, 4), maps: new Float32Array(24), class: Int32Array.of(0, -1), baseline: Float32Array.of(0.5, NaN) };
      const state = start === 1 ? 'done' : 'absent';
      return { body: encodeColumns({ done: 1, unit: 'score', ...jobFields(state, 'sheet') }, start === 1 ? arrays : {}, { maps: [2, 3, 4] }) };
    });
    selected.value = SampleSet.of([1, 4], 6);
    show('sheet');
    await until(() => sheetFollower.answer.value !== null);
    expect(sheetFollower.answer.value?.value).toMatchObject({ height: 3, width: 4, done: 1 });
    expect(started('attribution_sheet')[0]).toMatchObject({ method: 'occlusion', class: null, members: 'Eg==' });
    expect(bodies('attribution')).toEqual([]);
  });
});
