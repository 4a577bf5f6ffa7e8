import { describe, expect, it } from 'vitest';
import { colourBy, colouring, colourColumn, column, goToStep, view } from '../../src/store';
import { MOVEMENTS, movedSince, movingLayout, unmoved } from '../../src/views/samples/movement';
import { left, right } from '../../src/views/samples/state';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { openRun, serveEachTest, served, stops, watch } from '../store/served';

serveEachTest();

type Body = Record<string, number | string>;

/** Samples 1 and 4 have a place; what they moved is the number of epochs between. */
function serveMovement(): void {
  served().answers.set('movement', ({ body: text }) => {
    const body = JSON.parse(text) as Body;
    const by = Number(body['step']) - Number(body['since']);
    return { body: encodeColumns({}, { index: Int32Array.of(1, 4), movement: Float32Array.of(by, 2 * by), true_movement: Float32Array.of(10 * by, 20 * by) }) };
  });
}

const asked = (): Body[] => served().calls.filter(({ route }) => route === 'movement').map(({ body }) => JSON.parse(body) as Body);

describe('colours by movement', () => {
  it('are of the samples that have a place, since the first epoch by itself, and follow the shown one', async () => {
    await openRun(5);
    serveMovement();
    goToStep(3);
    colourBy.value = MOVEMENTS[0]!;
    watch(column(MOVEMENTS[0]!));
    await until(() => column(MOVEMENTS[0]!).data.value !== null);
    expect([...column(MOVEMENTS[0]!).data.value!.values]).toEqual([NaN, 3, NaN, NaN, 6, NaN]);
    expect(asked()[0]).toMatchObject({ since: 0, step: 3, method: 'pca' });
    goToStep(4);
    await until(() => column(MOVEMENTS[0]!).data.value?.values[1] === 4);
    movedSince.value = '2';
    await until(() => column(MOVEMENTS[0]!).data.value?.values[1] === 2);
    movedSince.value = 'first';
  });

  it('are in the plot or in the layer, on a scale from zero in radii', async () => {
    await openRun(3);
    serveMovement();
    colourBy.value = MOVEMENTS[1]!;
    watch({ data: colouring, error: column(MOVEMENTS[1]!).error });
    await until(() => colouring.value !== null);
    expect(colouring.value).toMatchObject({ kind: 'continuous', low: 0, high: 40, missing: 4, lacking: 'not in this layout' });
    expect(colourColumn.value).toMatchObject({ title: 'moved in the layer', unit: 'root mean square radii' });
  });

  it('wait until the layout has both epochs: until then nothing is asked, and the page says why', async () => {
    await openRun(3);
    serveMovement();
    let ready = [2];
    served().answers.set('projection', () => ({
      body: encodeColumns(
        { state: 'done', job: 'a', version: 1, progress: 1, seconds: 1, seconds_left: null, error: '', hint: '', aligned: true, done: ready.length, total: 3, steps_ready: ready, preview_step: null, begun: true, limits: [0, 9, 0, 9], n_features: 3, note: '', of: 6 },
        { index: Int32Array.of(1), xy: Float32Array.of(1, 1) },
      ),
    }));
    view.value = 'samples';
    goToStep(2);
    right.setMethod({ ...right.method.value, method: 'tsne', aligned: true });
    stops.push(right.shown.start());
    colourBy.value = MOVEMENTS[0]!;
    watch(column(MOVEMENTS[0]!));
    await until(() => right.shown.epochs.value?.done === 1);
    expect([asked().length, unmoved.value]).toEqual([0, 'Waiting for the layout of epoch 0…']);
    ready = [2, 0];
    await until(() => column(MOVEMENTS[0]!).data.value !== null);
    expect([asked().length, asked()[0]!['step'], unmoved.value]).toEqual([1, 2, '']);
    right.chooseMethod('pca');
    view.value = 'overview';
  });

  it('are of the plot whose epochs go on one from the other; else of the PCA of its layer', async () => {
    await openRun(2);
    const layer = right.source.value;
    right.setMethod({ ...right.method.value, method: 'tsne', aligned: false });
    expect(movingLayout.value).toMatchObject({ source: layer, method: { method: 'pca' } });
    right.setMethod({ ...right.method.value, aligned: true });
    expect(movingLayout.value).toMatchObject({ source: layer, method: { method: 'tsne', aligned: true } });
    right.chooseMethod('pca');
    left.choose('inputs');
  });
});
