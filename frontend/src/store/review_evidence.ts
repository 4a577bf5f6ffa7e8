/** What the label review shows of the focused sample besides its record, read ahead along the queue. */

import { type Neighbors, type ScoreHistory, type Trajectories, computeTrajectories, fetchNeighbors, fetchScoreHistory } from '../api';
import { ranking, rankingPlaces, relabelTarget, reviewAhead, reviewScope } from './label_errors';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { INPUTS, firstSource } from './similar';
import { focused, payload, step, stepPosition, steps } from './state';

/** Nearest samples that are shown. */
const SHOWN_NEIGHBORS = 5;
const CACHE_BYTES = 2 * 2 ** 20;

function around<T>(make: (run: string, where: string, index: number) => Wanted<T> | null): Wanted<T> | null {
  const [shown, where, index] = [payload.value, reviewScope.value, focused.value];
  if (!shown || where === null || index === null || index >= shown.manifest.n_samples) return null;
  const wanted = make(shown.run, where, index);
  return wanted && { ...wanted, next: reviewAhead.value.flatMap((at) => make(shown.run, where, at) ?? []) };
}

/** The nearest samples of the focused one. */
export const reviewNeighbors: Resource<Neighbors> = follow<Neighbors>({
  wanted: () => around(wantedNeighbors),
  cache: new Cache<Neighbors>(CACHE_BYTES),
  bytes: ({ index }) => 8 * index.length + 256,
});

function wantedNeighbors(run: string, where: string, index: number): Wanted<Neighbors> | null {
  const [at, source] = [step.value, firstSource.value];
  if (at === null || stepPosition.value < 0) return null;
  return {
    key: JSON.stringify([where, source === INPUTS ? null : at, source, index]),
    scope: where,
    load: () => fetchNeighbors({ run, step: at, source, subject: { index }, k: SHOWN_NEIGHBORS, metric: 'cosine', sameLabel: false, sameSplit: false }),
  };
}

/** How the score of the class that is suggested for the focused sample went. */
export const reviewScores: Resource<ScoreHistory> = follow<ScoreHistory>({
  wanted: () => around(wantedScores),
  cache: new Cache<ScoreHistory>(CACHE_BYTES),
  bytes: ({ steps: at, scores }) => 4 * at.length * (1 + scores.size) + 128,
});

function wantedScores(run: string, where: string, index: number): Wanted<ScoreHistory> | null {
  const at = rankingPlaces.value[index] ?? -1;
  const of = index === focused.value ? relabelTarget.value : (ranking.value?.suggested[at] ?? -1);
  if (of < 0) return null;
  return { key: JSON.stringify([where, steps.value.length, index, of]), scope: where, load: () => fetchScoreHistory(run, index, [of]) };
}

/** The median label score of each class at every epoch. */
export const classScores: Resource<Trajectories> = follow<Trajectories>({
  wanted: () => {
    const [shown, where, at] = [payload.value, reviewScope.value, step.value];
    if (!shown || where === null || at === null || stepPosition.value < 0) return null;
    return {
      key: JSON.stringify([where, steps.value.length]),
      scope: where,
      load: () => computeTrajectories({ run: shown.run, step: at, members: null, by: 'label', of: 'label_score', splits: [] }),
    };
  },
  cache: new Cache<Trajectories>(CACHE_BYTES),
  bytes: ({ steps: at, groups }) => 20 * at.length * groups.length,
});
