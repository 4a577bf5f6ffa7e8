import { type JSX } from 'preact';
import { formatCount, formatDistance } from '../format';
import { narrow } from '../frame/width';
import { classStyles, column, firstSource, focusSample, inspectedNeighbors, payload, splitOf } from '../store';
import { JobState } from '../views/layers/job_state';
import { SampleThumbnail } from '../views/shared/sample_thumbnail';

const SIZE = 52;
const NARROW_SIZE = 46;

/** The five nearest samples of the focused one, or of the user's own image; a click goes on to one. */
export function NearestSamples({ index }: { index: number }): JSX.Element {
  const { data, loading, error } = inspectedNeighbors;
  const found = data.value?.state === 'done' ? data.value : null;
  const names = payload.value?.manifest.class_names ?? [];
  const labels = column('label').data.value?.values;
  const waiting = loading.value || found?.query !== index;
  return (
    <section class="nearest">
      <header>
        <h2 class="ellipsis">Nearest in {firstSource.value}</h2>
        <span class="caption" title={found ? `1 − cosine; among ${formatCount(found.of)} watched samples` : ''}>cosine distance</span>
      </header>
      <JobState of={inspectedNeighbors} doing="Comparing" />
      <div class={waiting ? 'row waiting' : 'row'}>
        {Array.from(error.value ? [] : (found?.index ?? []), (at, k) => {
          const label = labels?.[at] ?? -1;
          const distance = formatDistance(found?.distance[k] ?? NaN);
          const what = `#${at}, ${splitOf(at)}, ${names[label] ?? 'unknown'}`;
          return (
            <button key={at} type="button" class="neighbor" title={what} aria-label={`Sample ${what}, distance ${distance}`} onClick={() => focusSample(at)}>
              <SampleThumbnail index={at} size={narrow.value ? NARROW_SIZE : SIZE} />
              <span class="label-bar" style={{ background: classStyles.value[label]?.color ?? 'transparent' }} />
              <span>{distance}</span>
            </button>
          );
        })}
      </div>
      {found && found.index.length === 0 && !error.value && <p class="caption">No other sample has finite values here.</p>}
    </section>
  );
}
