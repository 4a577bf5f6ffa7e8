/** What moves between the epochs of one layout. */

import { toNumber } from '../schema';
import { pick } from '../wire';
import { type LayoutRequest, layoutBody } from './projections';
import { columns, post } from './request';

/** How much moved since the logged epoch before, in the plot and in the vectors. */
export interface Stability {
  /** Mean displacement in the plot, as a share of its root mean square radius. */
  movement: number;
  /** The same in the layer, after turning and scaling it to fit. */
  trueMovement: number;
  /** Spearman's, of the samples' displacements in the two. */
  correlation: number;
  n: number;
  previous: number | null;
  note: string;
}

export async function fetchStability(request: LayoutRequest): Promise<Stability> {
  const answer = await post<Record<string, unknown>>('stability', layoutBody(request));
  const previous = answer['previous'];
  return {
    movement: toNumber(answer['movement']),
    trueMovement: toNumber(answer['true_movement']),
    correlation: toNumber(answer['correlation']),
    n: toNumber(answer['n']),
    previous: typeof previous === 'number' ? previous : null,
    note: String(answer['note'] ?? ''),
  };
}

/** How far samples moved from one epoch to another, in root mean square radii. */
export interface Movement {
  index: Int32Array;
  movement: Float32Array;
  trueMovement: Float32Array;
}

export async function fetchMovement(request: LayoutRequest, since: number): Promise<Movement> {
  const answer = await columns('movement', {}, { body: { ...layoutBody(request), since } });
  return {
    index: pick(answer, 'index', Int32Array).data,
    movement: pick(answer, 'movement', Float32Array).data,
    trueMovement: pick(answer, 'true_movement', Float32Array).data,
  };
}

/** Where some samples were at every epoch that is ready. */
export interface Trails {
  index: Int32Array;
  steps: Int32Array;
  /** x and y by sample and epoch. */
  xy: Float32Array;
  /** How many were asked for. */
  of: number;
}

export async function fetchTrails(request: LayoutRequest, members: string): Promise<Trails> {
  const answer = await columns('trails', {}, { body: { ...layoutBody(request), members } });
  return {
    index: pick(answer, 'index', Int32Array).data,
    steps: pick(answer, 'steps', Int32Array).data,
    xy: pick(answer, 'xy', Float32Array).data,
    of: toNumber((answer.json as Record<string, unknown>)['of']),
  };
}
