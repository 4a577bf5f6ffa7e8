/** What the tabs of the Dynamics view share, and how groups of samples went over the epochs. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type Trajectories, type TrajectoriesAsked, type TrajectoryBy, type TrajectoryOf, computeTrajectories } from '../api';
import { type ColumnInfo, type RunPayload } from '../schema';
import { linkedText } from './link';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { type SampleSet, encodeMembers } from './sample_set';
import { payload, selected, splitFilter, step, stepPosition, steps } from './state';

const CACHE_BYTES = 16 * 2 ** 20;

export const dynamicsTab = linkedText('dynamics.tab', 'cartography');

/** What the map's colours are: `correctness`, or those of the `page`. */
export const mapColour = linkedText('map.colour', 'correctness');

/** What follows from the record of all epochs: in the catalogue after `rank`, before the user's own. */
export function derivedColumns({ columns, manifest }: RunPayload): ColumnInfo[] {
  const after = columns.findIndex(({ name }) => name === 'rank');
  return columns.slice(after + 1, columns.length - manifest.columns.length);
}

const trajectoryOfText = linkedText('medians.of', 'loss');
const trajectoryByText = linkedText('medians.by', 'label');

const OF: readonly TrajectoryOf[] = ['loss', 'label_score', 'margin'];
/** `selected`: the selected set against the rest. */
export type MediansBy = TrajectoryBy | 'selected';
const BY: readonly MediansBy[] = ['label', 'prediction', 'split', 'all', 'selected'];

export const mediansOf: ReadonlySignal<TrajectoryOf> = computed(() => OF.find((known) => known === trajectoryOfText.value) ?? 'loss');
export const mediansBy: ReadonlySignal<MediansBy> = computed(() => BY.find((known) => known === trajectoryByText.value) ?? 'label');
export const chooseMediansOf = (wanted: string): void => void (trajectoryOfText.value = wanted);
export const chooseMediansBy = (wanted: string): void => void (trajectoryByText.value = wanted);

/** What is shown, with what it is of. */
export interface Medians extends Trajectories {
  by: MediansBy;
}

/** Null where the selected set is asked for and nothing is selected. */
export const medians: Resource<Medians> = follow<Medians>({
  wanted: wantedMedians,
  cache: new Cache<Medians>(CACHE_BYTES),
  bytes: ({ steps: at, groups }) => 20 * at.length * groups.length,
});

function wantedMedians(): Wanted<Medians> | null {
  const shown = payload.value;
  const at = step.value;
  const [of, by, splits] = [mediansOf.value, mediansBy.value, splitFilter.value];
  const set = by === 'selected' ? selected.value : null;
  if (!shown || at === null || stepPosition.value < 0 || set?.size === 0) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const asked: TrajectoriesAsked = { run: shown.run, step: at, members: null, by: by === 'selected' ? 'all' : by, of, splits };
  return {
    key: JSON.stringify([scope, steps.value.length, of, by, splits, by === 'prediction' ? at : null, set?.id]),
    scope,
    load: async () => ({ ...(await (set ? setAgainstRest(asked, set, shown.manifest.n_samples) : computeTrajectories(asked))), by }),
  };
}

async function setAgainstRest(asked: TrajectoriesAsked, set: SampleSet, count: number): Promise<Trajectories> {
  const parts = [set, set.inverted(count)].map((members) => computeTrajectories({ ...asked, members: encodeMembers(members, count) }));
  const [chosen, rest] = await Promise.all(parts);
  const named = (found: Trajectories | undefined, group: string): Trajectories['groups'] =>
    found?.groups.slice(0, 1).map((part) => ({ ...part, group })) ?? [];
  return { of: asked.of, steps: chosen!.steps, groups: [...named(chosen, 'selected'), ...named(rest, 'the rest')] };
}
