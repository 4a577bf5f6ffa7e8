/** How values of many samples went over the epochs. */

import { pick } from '../wire';
import { columns } from './request';

export type TrajectoryOf = 'loss' | 'label_score' | 'margin';
export type TrajectoryBy = 'all' | 'label' | 'split' | 'prediction';

export interface TrajectoriesAsked {
  run: string;
  /** The epoch whose prediction groups, where that is asked for. */
  step: number;
  /** As `encodeMembers` writes them; null: all. */
  members: string | null;
  by: TrajectoryBy;
  of: TrajectoryOf;
  splits: readonly string[];
}

/** One group's values at every logged epoch; NaN where none is finite. */
export interface Trajectory {
  /** A class index, or the name of a split. */
  group: number | string;
  /** Samples. */
  count: number;
  median: Float32Array;
  q10: Float32Array;
  q25: Float32Array;
  q75: Float32Array;
  q90: Float32Array;
}

export interface Trajectories {
  of: TrajectoryOf;
  steps: Int32Array;
  groups: Trajectory[];
}

export async function computeTrajectories(asked: TrajectoriesAsked): Promise<Trajectories> {
  const answer = await columns('trajectories', {}, { body: { ...asked, splits: asked.splits.join(',') } });
  const { groups } = answer.json as { groups: (number | string)[] };
  const steps = pick(answer, 'steps', Int32Array).data;
  const count = pick(answer, 'count', Int32Array).data;
  const row = (name: string, k: number): Float32Array =>
    pick(answer, name, Float32Array).data.subarray(k * steps.length, (k + 1) * steps.length);
  return {
    of: asked.of,
    steps,
    groups: groups.map((group, k) => ({
      group,
      count: count[k] ?? 0,
      median: row('median', k),
      q10: row('q10', k),
      q25: row('q25', k),
      q75: row('q75', k),
      q90: row('q90', k),
    })),
  };
}
