import { describe, expect, it } from 'vitest';
import { effect } from '@preact/signals';
import { column, goToStep, loadSteps, projection, stepsError } from '../../src/store';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { askedEpochs, openRun, restart, served, serveEachTest, serveEpochs, serveSteps, stops, watch } from './served';

serveEachTest();

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
    await until(() => served().calls.at(-1)?.query.get('step') === '4');
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
    serveSteps(4);
    await loadSteps();
    served().answers.set('columns', () => ({ status: 409, body: JSON.stringify({ error: 'damaged', hint: 'retry' }) }));
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
    await served().close();
    const loss = column('loss');
    watch(loss);
    await until(() => loss.error.value !== null);
    await loadSteps();
    expect([loss.error.value?.status, stepsError.value?.status]).toEqual([0, 0]);
    await restart();
    serveSteps(1);
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
    served().answers.set('projection', () => {
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
