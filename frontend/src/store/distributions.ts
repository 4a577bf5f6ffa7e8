/** How the numbers of the shown samples, and of the selected ones among them, are spread. */

import { type Distribution, fetchDistributions } from '../api';
import { against } from './comparison';
import { arrivals } from './patience';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { encodeMembers } from './sample_set';
import { payload, selected, splitFilter, step, stepPosition } from './state';

const CACHE_BYTES = 2 ** 20;

/** By column; what is chosen is the selected set. */
export const distributions: Resource<Map<string, Distribution>> = follow({
  wanted: wantedDistributions,
  cache: new Cache<Map<string, Distribution>>(CACHE_BYTES),
  bytes: (found) => 256 * found.size,
});

function wantedDistributions(): Wanted<Map<string, Distribution>> | null {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || stepPosition.value < 0) return null;
  const splits = splitFilter.value;
  const set = selected.value;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const members = set.size === 0 ? null : encodeMembers(set, shown.manifest.n_samples);
  const compared = against.value;
  return {
    key: JSON.stringify([scope, at, splits, set.id, compared, arrivals.value]),
    scope,
    load: () => fetchDistributions({ run: shown.run, step: at, splits, against: compared }, members),
  };
}
