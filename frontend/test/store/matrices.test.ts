import { describe, expect, it } from 'vitest';
import { commonHighest, confusion, goToStep, shownSplits, splitFilter } from '../../src/store';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { openRun, serveEachTest, served, watch } from './served';

serveEachTest();

const EPOCHS = 4;
const SUPPORT = [5, 10, 20];

/** At epoch t, `10 - t` samples of class 2 are taken for class 0; each epoch has an order of its own. */
function serveMatrices(): void {
  served().answers.set('confusion', ({ query }) => {
    const step = Number(query.get('step'));
    const few = query.get('splits') ? 1 : 10 - step;
    const matrix = Int32Array.of(5, 0, 0, 1, 9, 0, few, 0, 20 - few);
    const floats = Object.fromEntries(['precision', 'recall', 'f1'].map((name) => [name, new Float32Array(3)]));
    const told = { n: 35, unknown: 0, no_prediction: 0, accuracy: 0.5, accuracy_low: 0.4, accuracy_high: 0.6, balanced_accuracy: 0.5, top5_accuracy: 1, interval: 'Wilson 95%' };
    const order = Int32Array.of(step % 3, (step + 1) % 3, (step + 2) % 3);
    return { body: encodeColumns(told, { matrix, order, ...floats, support: Int32Array.from(SUPPORT), predicted: Int32Array.of(16, 9, 10) }) };
  });
}

const asked = (): number[] => served().calls.filter(({ route }) => route === 'confusion').map(({ query }) => Number(query.get('step')));

describe('matrices that are scrubbed', () => {
  it('have the order of the newest epoch, and a scale that holds for all', async () => {
    await openRun(EPOCHS);
    serveMatrices();
    goToStep(1);
    watch(confusion);
    await until(() => confusion.data.value?.step === 1);
    expect([...confusion.data.value!.order]).toEqual([0, 1, 2]);
    await until(() => new Set(asked()).size === EPOCHS);
    await until(() => commonHighest([])?.counts === 10);
    expect(commonHighest([])).toEqual({ counts: 10, row: 10 / 20, column: 10 / 16 });
    for (const step of [3, 0, 2]) {
      goToStep(step);
      await until(() => confusion.data.value?.step === step);
      expect([...confusion.data.value!.order]).toEqual([0, 1, 2]);
      expect(commonHighest([])?.counts).toBe(10);
    }
  });

  it('are all loaded ahead: going through the epochs asks for nothing', async () => {
    await openRun(EPOCHS);
    serveMatrices();
    watch(confusion);
    await until(() => confusion.data.value !== null && new Set(asked()).size === EPOCHS && commonHighest([])?.counts === 10);
    for (const step of [2, 1, 0, 3]) {
      goToStep(step);
      await until(() => confusion.data.value?.step === step && !confusion.loading.value); // its answer may still be on the way
    }
    const before = asked().length;
    for (const step of [0, 1, 2, 3]) {
      goToStep(step);
      expect([confusion.data.value?.step, confusion.loading.value]).toEqual([step, false]);
    }
    expect(asked()).toHaveLength(before);
  });

  it('of other splits have a scale of their own', async () => {
    await openRun(EPOCHS);
    serveMatrices();
    watch(confusion);
    await until(() => commonHighest([])?.counts === 10);
    shownSplits.value = new Set(['validation']);
    await until(() => (commonHighest(splitFilter.value)?.counts ?? 0) > 0);
    expect(commonHighest(splitFilter.value)?.counts).toBe(1);
  });
});
