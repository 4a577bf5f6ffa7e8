import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  chooseTarget,
  classPairs,
  decide,
  decidedCount,
  focused,
  inspectedInput,
  inspectedSample,
  loadRun,
  moveInQueue,
  pairFilter,
  queue,
  ranking,
  rankingError,
  rankingJob,
  reasonCounts,
  reasonFilter,
  relabelTarget,
  reviewAhead,
  reviewNeighbors,
  reviewScores,
  sampleAt,
  shownSplits,
  startReview,
  step,
  suggestedClass,
  undecidedOnly,
  undoDecision,
  verdicts,
} from '../../src/store';
import { encodeColumns } from '../columns';
import { until } from '../server';
import { emptyShelf } from '../storage';
import { openRun, serveRun, serveSteps, served, serveEachTest, stops, watch } from './served';

serveEachTest();

/** Sample i has the label i modulo 3; samples 0 to 2 are `train`, the others `validation`. */
const LABELS = Int32Array.of(0, 1, 2, 0, 1, 2);
interface Ranked {
  index: number[];
  suggested: number[];
  reason: number[];
}
const FIRST: Ranked = { index: [4, 1, 5, 0], suggested: [0, 2, 1, 2], reason: [1, 1, 2, 1] };

function answerRanking({ index, suggested, reason }: Ranked): ArrayBuffer {
  const score = Float32Array.from(index, (_, at) => 0.9 - at / 10);
  const arrays = { index: Int32Array.from(index), score, suggested: Int32Array.from(suggested), mean_margin: score, reason: Uint8Array.from(reason) };
  const job = { state: 'done', job: 'j', version: 1, progress: 1, seconds_left: null, error: '', hint: '' };
  return encodeColumns({ ...job, n: 6, total: index.length, epochs: 3, definition: 'a score', estimated: { train: 2 }, layer: 'dense' }, arrays);
}

let probes = 0;
const ranks = new Map<number, Ranked>();

beforeEach(async () => {
  emptyShelf();
  probes++;
  ranks.clear();
  for (const at of [2, 3]) ranks.set(at, FIRST);
  const answers = served().answers;
  answers.set('columns', ({ query }) => {
    const names = (query.get('names') ?? '').split(',');
    return { body: encodeColumns({}, Object.fromEntries(names.map((name) => [name, name === 'loss' ? new Float32Array(6) : LABELS]))) };
  });
  answers.set('label_errors', ({ body }) => ({ body: answerRanking(ranks.get((JSON.parse(body) as { step: number }).step)!) }));
  answers.set('neighbors', ({ body }) => {
    const { index } = JSON.parse(body) as { index: number };
    return { body: encodeColumns({ k: 1, of: 5, n_features: 2, metric: 'cosine', left_out: 0, note: '' }, { index: Int32Array.of((index + 1) % 6), distance: Float32Array.of(0.1) }) };
  });
  answers.set('score_history', () => ({ body: encodeColumns({}, { steps: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.1, 0.2, 0.3) }) }));
  await openRun(3);
  serveRun(({ manifest }) => {
    manifest.probe = `review ${probes}`;
    manifest.n_samples = 6;
    manifest.class_names = ['a', 'b', 'c'];
    manifest.splits = manifest.splits.slice(0, 2).map((split, k) => ({ ...split, start: 3 * k, count: 3 }));
  });
  await loadRun();
});
afterEach(() => {
  pairFilter.value = '';
  reasonFilter.value = '';
  undecidedOnly.value = false;
});

async function begin(): Promise<void> {
  stops.push(startReview());
  await until(() => ranking.value !== null && focused.value !== null);
}

const queued = (): number[] => queue.value.map(sampleAt);

describe('the queue', () => {
  it('has the most suspicious first, and starts there', async () => {
    await begin();
    expect(queued()).toEqual([4, 1, 5, 0]);
    expect(focused.value).toBe(4);
    expect(reasonCounts.value).toEqual({ nothing: 0, mislabelled: 3, hard: 1 });
    expect(ranking.value?.evidence.get('mean_margin')).toHaveLength(4);
  });

  it('starts at a sample that is focused already and in it', async () => {
    focused.value = 5;
    await begin();
    expect(focused.value).toBe(5);
  });

  it('is filtered by class pair, reason, splits and what is undecided', async () => {
    await begin();
    expect(classPairs.value).toEqual([
      { given: 0, suggested: 2, count: 1 },
      { given: 1, suggested: 0, count: 1 },
      { given: 1, suggested: 2, count: 1 },
      { given: 2, suggested: 1, count: 1 },
    ]);
    pairFilter.value = '1>2';
    expect(queued()).toEqual([1]);
    pairFilter.value = '';
    reasonFilter.value = 'hard';
    expect(queued()).toEqual([5]);
    reasonFilter.value = '';
    shownSplits.value = new Set(['train']);
    expect(queued()).toEqual([1, 0]);
    shownSplits.value = new Set(['train', 'validation']);
    decide('keep');
    undecidedOnly.value = true;
    expect(queued()).toEqual([1, 5, 0]);
  });

  it('is walked along without verdicts, its ends stopping', async () => {
    await begin();
    moveInQueue(-1);
    expect(focused.value).toBe(4);
    for (const index of [1, 5, 0, 0]) {
      moveInQueue(1);
      expect(focused.value).toBe(index);
    }
    moveInQueue(-1);
    expect(focused.value).toBe(5);
    expect(verdicts.value.size).toBe(0);
  });

  it('goes on where it was after a sample that is not in it', async () => {
    await begin();
    moveInQueue(1);
    focused.value = 3;
    moveInQueue(1);
    expect(focused.value).toBe(5);
  });
});

describe('a verdict', () => {
  it('goes on to the next that has none, at the end to the first, and stays when all have one', async () => {
    await begin();
    moveInQueue(1);
    const seen = [focused.value];
    for (const word of ['relabel', 'ambiguous', 'keep', 'relabel'] as const) {
      decide(word);
      seen.push(focused.value);
    }
    expect(seen).toEqual([1, 5, 0, 4, 4]);
    expect(decidedCount.value).toBe(4);
    const said = [...verdicts.value].map(([index, { word, to, score }]) => [index, word, to, Number(score.toFixed(2))]);
    expect(said).toEqual([[1, 'relabel', 2, 0.8], [5, 'ambiguous', 1, 0.7], [0, 'keep', 2, 0.6], [4, 'relabel', 0, 0.9]]);
  });

  it('relabels to the class that was chosen, and to the suggested one elsewhere', async () => {
    await begin();
    chooseTarget(2);
    expect([suggestedClass.value, relabelTarget.value]).toEqual([0, 2]);
    decide('relabel');
    expect(verdicts.value.get(4)?.to).toBe(2);
    expect(relabelTarget.value).toBe(2);
    moveInQueue(1);
    expect(relabelTarget.value).toBe(1);
    moveInQueue(-1);
    moveInQueue(-1);
    expect([focused.value, relabelTarget.value]).toEqual([4, 2]);
  });

  it('is taken back with its sample in sight again', async () => {
    await begin();
    decide('keep');
    decide('relabel');
    expect(undoDecision()).toBe(true);
    expect(focused.value).toBe(1);
    expect([...verdicts.value.keys()]).toEqual([4]);
    undoDecision();
    expect(focused.value).toBe(4);
    expect(undoDecision()).toBe(false);
  });

  it('can be given to a sample that was not ranked, against what the model puts above its label', async () => {
    await begin();
    served().answers.set('sample', ({ query }) => ({ body: sampleBody(Number(query.get('index'))) }));
    watch(inspectedSample);
    focused.value = 2;
    expect(suggestedClass.value).toBe(-1);
    decide('keep');
    expect(verdicts.value.size).toBe(0);
    await until(() => inspectedSample.data.value?.sample_index === 2);
    expect(suggestedClass.value).toBe(1);
    decide('relabel');
    expect(verdicts.value.get(2)).toEqual({ word: 'relabel', to: 1, score: NaN });
    expect(focused.value).toBe(1);
  });
});

describe('a new epoch', () => {
  it('ranks anew and leaves the sample where it is', async () => {
    ranks.set(3, { index: [0, 5, 4], suggested: [2, 1, 0], reason: [1, 1, 1] });
    await begin();
    moveInQueue(1);
    serveSteps(4);
    await loadRun();
    step.value = 3;
    expect(ranking.value?.step).toBe(2);
    await until(() => ranking.value?.step === 3);
    expect(queued()).toEqual([0, 5, 4]);
    expect(focused.value).toBe(1);
    moveInQueue(1);
    expect(focused.value).toBe(4);
  });

  it('waits until the ranking under way is done, and is ranked then', async () => {
    const asked: number[] = [];
    let done = false;
    served().answers.set('label_errors', ({ body }) => {
      const { step: at } = JSON.parse(body) as { step: number };
      asked.push(at);
      if (done || at > 2) return { body: answerRanking(FIRST) };
      return { body: encodeColumns({ state: 'running', job: 'j', version: 0, progress: 0.5, seconds_left: null, error: '', hint: '' }, {}) };
    });
    stops.push(startReview());
    await until(() => rankingJob.value?.progress === 0.5);
    serveSteps(4);
    await loadRun();
    step.value = 3;
    await until(() => asked.length > 3);
    expect(new Set(asked)).toEqual(new Set([2]));
    expect(served().calls.some(({ route }) => route === 'cancel')).toBe(false);
    done = true;
    await until(() => ranking.value?.step === 3);
  });

  it('that the user goes back to is ranked at once, in the place of what is under way', async () => {
    await openRun(4);
    const asked: number[] = [];
    served().answers.set('label_errors', ({ body }) => {
      const { step: at } = JSON.parse(body) as { step: number };
      asked.push(at);
      if (at === 2) return { body: answerRanking(FIRST) };
      return { body: encodeColumns({ state: 'running', job: 'j', version: 0, progress: 0.5, seconds_left: null, error: '', hint: '' }, {}) };
    });
    step.value = 3;
    stops.push(startReview());
    await until(() => rankingJob.value?.progress === 0.5);
    step.value = 2;
    await until(() => ranking.value?.step === 2);
    expect(served().calls.some(({ route }) => route === 'cancel')).toBe(true);
  });

  it('before the third ranks nothing, and asks for nothing', async () => {
    step.value = 1;
    stops.push(startReview());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ranking.value).toBeNull();
    expect(rankingError.value).toBeNull();
    expect(served().calls.some(({ route }) => route === 'label_errors')).toBe(false);
  });

  it('is computed where nobody has, and what goes wrong is told', async () => {
    const asked: number[] = [];
    served().answers.set('label_errors', ({ body }) => {
      const { start } = JSON.parse(body) as { start: number };
      asked.push(start);
      const job = { job: 'j', version: 0, progress: 0, seconds_left: null };
      if (asked.length === 1) return { body: encodeColumns({ ...job, state: 'absent', error: '', hint: '' }, {}) };
      return { body: encodeColumns({ ...job, state: 'failed', error: 'no memory', hint: 'ask for less' }, {}) };
    });
    stops.push(startReview());
    await until(() => rankingError.value !== null);
    expect(asked).toEqual([0, 1]);
    expect([rankingError.value?.message, rankingError.value?.hint]).toEqual(['no memory', 'ask for less']);
    expect(rankingJob.value).toBeNull();
  });
});

describe('reading ahead', () => {
  it('is along the queue, so that the next sample is there at once', async () => {
    served().answers.set('sample', ({ query }) => ({ body: sampleBody(Number(query.get('index'))) }));
    await begin();
    for (const resource of [inspectedInput, inspectedSample, reviewNeighbors, reviewScores]) watch(resource);
    expect(reviewAhead.value).toEqual([1, 5, 0]);
    const asked = (route: string): Set<number> =>
      new Set(served().calls.filter((call) => call.route === route).map((call) => (call.method === 'POST' ? (JSON.parse(call.body) as { index: number }).index : Number(call.query.get('index')))));
    await until(() => ['input', 'sample', 'neighbors', 'score_history'].every((route) => asked(route).size === 4));
    for (const route of ['input', 'sample', 'neighbors', 'score_history']) expect([...asked(route)]).toEqual([4, 1, 5, 0]);
    await until(() => served().calls.length > 0 && !inspectedSample.loading.value);
    decide('keep');
    expect(inspectedSample.data.value?.sample_index).toBe(1);
    expect(inspectedInput.data.value?.index).toBe(1);
    expect(reviewNeighbors.data.value?.query).toBe(1);
    expect(reviewScores.data.value?.index).toBe(1);
    expect(reviewAhead.value).toEqual([5, 0, 4]);
  });
});

function sampleBody(index: number): ArrayBuffer {
  const json = {
    sample_index: index, source_index: index, id: null, split: 'train', label: LABELS[index], prediction: 0, loss: 1, margin: 0, label_score: 0.5, rank: 1, ranked: 6,
    metadata: [], events: { first_learned: null, forgotten: [], last_change: null, flips: 0 },
  };
  const three = Float32Array.of(1, 1, 1);
  return encodeColumns(json, {
    steps: Int32Array.of(0, 1, 2), loss: three, prediction: Int32Array.of(0, 0, 0), margin: three, label_score: three, class_median_loss: three,
    score_classes: Int32Array.of(2, 1, 0), scores: three,
  });
}
