import { describe, expect, it } from 'vitest';
import { type StepsPayload } from '../../src/schema';
import { attributionMode, chooseAttributionMode, closeOwnImage, comparing, dropError, dropFile, dropped, focused, keptModels, loadRun, loadSteps, ownFollower, ownImage, ownInput, ownRescale, ownResize, showOwnImage, similarNeighbors, similarVectors, slots, startAttribution, view } from '../../src/store';
import { startOwnImage } from '../../src/store/own_image';
import { encodeColumns } from '../columns';
import { goldenJson } from '../golden';
import { until } from '../server';
import { attempt, served, serveEachTest, serveRun, stops, watch } from './served';

serveEachTest();

type Body = Record<string, number | string | null>;

const bodies = (route: string): Body[] =>
  served().calls.filter((call) => call.route === route).map(({ body }) => JSON.parse(body) as Body);
const file = (): File => new File([Uint8Array.of(1, 2, 250)], 'cat.png', { type: 'image/png' });

/** An image is read into 2 x 1 pixels, or fails. */
async function open(state: 'done' | 'failed'): Promise<void> {
  serveRun(() => undefined);
  const { steps: [first] } = goldenJson<StepsPayload>('steps.json');
  served().answers.set('steps', () => ({ body: JSON.stringify({ version: 'v', attempt: attempt(), live: false, steps: [{ ...first, step: 0, model: 'model.keras' }] }) }));
  served().answers.set('own_image', ({ body: text }) => {
    const { start } = JSON.parse(text) as Body;
    const now = start === 1 ? state : 'absent';
    const facts = { state: now, job: 'j', version: 1, progress: 1, seconds: 0, seconds_left: null, error: 'not an image', hint: 'drop another', image: 'id7', prediction: 1, rescale: [0, 1] };
    const arrays = { input: Float32Array.of(0.25, 0.5), scores: Float32Array.of(0.1, 0.7, 0.2) };
    return { body: encodeColumns(facts, now === 'done' ? arrays : {}, { input: [2, 1, 1] }) };
  });
  await loadRun();
  await loadSteps();
  closeOwnImage();
  stops.push(startOwnImage());
  await until(() => keptModels.value.length === 1);
}

describe('an image of the user’s own', () => {
  it('is sent as it is, shown as the model is fed, and explained in the place of a sample', async () => {
    await open('done');
    stops.push(startAttribution());
    await dropFile(file());
    expect(view.value).toBe('attribution');
    await until(() => ownImage.value !== null);
    expect(bodies('own_image').map(({ start }) => start)).toEqual([0, 1]);
    expect(bodies('own_image')[1]).toMatchObject({ data: 'AQL6', name: 'cat.png', resize: 'crop', rescale: null });
    expect(ownInput.value).toMatchObject({ height: 2, width: 1, channels: 1, data: Float32Array.of(0.25, 0.5) });
    expect(ownImage.value).toMatchObject({ prediction: 1, rescale: [0, 1] });
    expect(slots[0]!.question.value?.request.subject).toEqual({ image: 'id7' });
    await until(() => bodies('attribution').length > 0);
    expect(bodies('attribution')[0]).toMatchObject({ image: 'id7' });
    expect(bodies('attribution')[0]).not.toHaveProperty('index');
  });

  it('is read anew when it is to be scaled otherwise', async () => {
    await open('done');
    await dropFile(file());
    await until(() => ownImage.value !== null);
    ownResize.value = 'pad';
    expect(ownImage.value).toBeNull();
    await until(() => ownImage.value !== null);
    expect(bodies('own_image').at(-1)).toMatchObject({ resize: 'pad', rescale: null });
    ownResize.value = 'crop';
    ownRescale.value = [1, -1];
    await until(() => ownImage.value !== null);
    expect(bodies('own_image').at(-1)).toMatchObject({ resize: 'crop', rescale: [1, -1] });
    ownRescale.value = null;
  });

  it('leaves when a sample is looked at, or a sheet', async () => {
    await open('done');
    await dropFile(file());
    focused.value = 3;
    expect(dropped.value).toBeNull();
    await dropFile(file());
    chooseAttributionMode('sheet');
    expect([dropped.value, attributionMode.value]).toEqual([null, 'sheet']);
    await dropFile(file());
    expect(attributionMode.value).toBe('');
    chooseAttributionMode('');
  });

  it('is kept until it is closed, so that one can come back to it', async () => {
    await open('done');
    await dropFile(file());
    focused.value = 4;
    expect(dropped.value).toBeNull();
    showOwnImage();
    expect(dropped.value?.name).toBe('cat.png');
    await until(() => ownImage.value !== null);
    closeOwnImage();
    showOwnImage();
    expect(dropped.value).toBeNull();
  });

  it('is the query of the Similar view, by a job of the model, with its vector first', async () => {
    await open('done');
    let started = false;
    served().answers.set('neighbors', ({ body }) => {
      const { start } = JSON.parse(body) as Body;
      started ||= start === 1;
      const state = started ? 'done' : 'absent';
      const facts = { state, job: 'n', version: 1, progress: 1, seconds_left: null, error: '', hint: '', k: 2, of: 6, n_features: 2, left_out: 0, note: '' };
      const arrays = { index: Int32Array.of(4, 2), distance: Float32Array.of(0.1, 0.2), vector: Float32Array.of(7, 8) };
      return { body: encodeColumns(facts, state === 'done' ? arrays : {}) };
    });
    served().answers.set('vectors', () => ({ body: encodeColumns({ n_features: 2, note: '' }, { vectors: Float32Array.of(1, 2, 3, 4) }, { vectors: [2, 2] }) }));
    view.value = 'similar';
    watch(similarNeighbors);
    watch(similarVectors);
    await dropFile(file());
    expect([view.value, comparing.value]).toEqual(['similar', true]);
    await until(() => similarVectors.data.value !== null);
    expect(bodies('neighbors')[0]).toMatchObject({ image: 'id7', start: 0 });
    expect(bodies('neighbors')[0]).not.toHaveProperty('index');
    expect(similarVectors.data.value).toMatchObject({ indices: [-1, 4, 2], values: Float32Array.of(7, 8, 1, 2, 3, 4) });
    focused.value = 2;
    expect(similarNeighbors.data.value?.query, 'a neighbour that is looked at leaves the query').toBe(-1);
    closeOwnImage();
    expect(comparing.value).toBe(false);
    view.value = 'overview';
  });

  it('that cannot be read says so, and is not asked for again by itself', async () => {
    await open('failed');
    await dropFile(file());
    await until(() => ownFollower.error.value !== null);
    expect(ownFollower.error.value).toMatchObject({ message: 'not an image', hint: 'drop another' });
    expect(bodies('own_image')).toHaveLength(2);
  });

  it('that is too large is not sent', async () => {
    await open('done');
    await dropFile(new File([new Uint8Array(10_000_001)], 'huge.png'));
    expect(dropError.value?.message).toBe('The file huge.png has 10.0 MB.');
    expect(dropped.value).toBeNull();
    closeOwnImage();
  });
});
