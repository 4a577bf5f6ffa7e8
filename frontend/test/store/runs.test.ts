import { describe, expect, it } from 'vitest';
import {
  colourBy,
  focusNeighbour,
  focused,
  goToStep,
  loadRun,
  loadSteps,
  moveStep,
  payload,
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
} from '../../src/store';
import { goldenJson } from '../golden';
import { until } from '../server';
import { openRun, RUN, served, serveEachTest, serveRun, serveSteps } from './served';

serveEachTest();

describe('a run', () => {
  it('is the newest one where the link names none, and shows its last epoch', () => {
    expect(runs.value.map(({ name }) => name)).toEqual(['exp1']);
    expect(payload.value?.run).toBe(RUN);
    expect(step.value).toBe(steps.value.at(-1)?.step);
    expect([...shownSplits.value]).toEqual(['train', 'validation']);
    expect(splitFilter.value).toEqual([]);
  });

  it('stays on the page until the next one is read, and when that fails', async () => {
    served().answers.set('run', () => ({ status: 404, body: JSON.stringify({ error: "run '<img>' is not here", hint: 'choose another' }) }));
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
    served().answers.set('run', async ({ query }) => {
      if (query.get('run') === 'slow') await held;
      return { body: golden.replaceAll(RUN, query.get('run') ?? '') };
    });
    run.value = 'slow';
    const before = served().calls.length;
    const slow = loadRun();
    await until(() => served().calls.length >= before + 2);
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
    serveSteps(5);
    await loadSteps();
    expect(step.value).toBe(4);
  });

  it('stays where the user has put it', async () => {
    await openRun(3);
    step.value = 1;
    serveSteps(150);
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
    served().answers.set('steps', () => ({ status: 500, body: '' }));
    await loadSteps();
    expect(steps.value).toHaveLength(3);
    expect(stepsError.value?.status).toBe(500);
    serveSteps(3);
    await loadSteps();
    expect(stepsError.value).toBeNull();
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
