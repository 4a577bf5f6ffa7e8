import { type JSX } from 'preact';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { type Neighbors } from '../../api';
import { formatCount, formatDistance } from '../../format';
import { goToOpen } from '../../frame/go_to';
import { narrow } from '../../frame/width';
import {
  MOST_K,
  addToPool,
  findSimilar,
  focused,
  payload,
  similarK,
  similarMetric,
  similarNeighbors,
  similarQuery,
  splitOf,
  withinLabel,
  withinSplit,
} from '../../store';
import { Menu } from '../shared/menu';
import { SampleTile } from '../shared/sample_tile';
import { Check, METRICS, SourceSelect, selectThese } from './controls';
import { saveNeighborsCsv } from './exports';
import { NumberField } from './number_field';

const SIZE = 96;
const PICK = { label: 'Pick a sample', onClick: (): void => void (goToOpen.value = true) };

/** The query and its nearest samples. */
export function NeighborsPanel(): JSX.Element {
  const { data, loading, error, retry } = similarNeighbors;
  const found = error.value ? null : data.value;
  const query = similarQuery.value;
  const total = payload.value?.manifest.n_samples ?? 0;
  const waiting = loading.value || found?.query !== query;
  return (
    <section class="panel neighbors" aria-label="Neighbours">
      <header class="panel-head">
        <SourceSelect />
        <Segmented
          label="Distance"
          value={similarMetric.value}
          options={METRICS}
          onChange={(metric) => (similarMetric.value = metric)}
        />
        <NumberField label="Nearest" value={similarK.value} min={1} max={MOST_K} onChange={(k) => (similarK.value = k)} />
        <Check label={narrow.value ? 'Label' : 'Same label'} title="Only samples with the query's label" on={withinLabel} />
        <Check label={narrow.value ? 'Split' : 'Same split'} title="Only samples of the query's split" on={withinSplit} />
        <span class="grow" />
        <Menu
          small
          icon="more"
          label="More for the neighbours"
          items={[
            { label: 'Add all to the pool', disabled: !found, run: () => found && addToPool([found.query, ...found.index]) },
            { label: 'Select all', disabled: !found, run: () => found && selectThese([found.query, ...found.index]) },
            { label: 'Neighbours, CSV', disabled: !found, run: () => found && saveNeighborsCsv(found) },
          ]}
        />
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      {query === null ? (
        <Empty action={PICK}>Click a sample, or pick one by its index or at random: its nearest samples show here.</Empty>
      ) : query >= total ? (
        <Empty action={PICK}>This run has no sample {query}: its indices go from 0 to {formatCount(total - 1)}.</Empty>
      ) : (
        <div class="similar-tiles">
          <div class="similar-query">
            <span class="caption">Query, {splitOf(query)}</span>
            <SampleTile index={query} size={SIZE} />
          </div>
          {found && (
            <div class={waiting ? 'similar-found waiting' : 'similar-found'} aria-busy={waiting}>
              {Array.from(found.index, (index, k) => (
                <div key={index}>
                  <span class="caption">{k + 1}. {splitOf(index)}</span>
                  <SampleTile index={index} size={SIZE} value={{ text: formatDistance(found.distance[k] ?? NaN), title: `${similarMetric.value} distance` }} />
                </div>
              ))}
              {found.index.length === 0 && <p class="caption">No other sample fits: lift a limit above.</p>}
            </div>
          )}
        </div>
      )}
      <Foot found={found} />
    </section>
  );
}

function Foot({ found }: { found: Neighbors | null }): JSX.Element {
  const moved = focused.value !== null && focused.value !== similarQuery.value;
  return (
    <footer class="panel-foot">
      {found && <span class="ellipsis">{summary(found.index.length, found.of, found.leftOut)}</span>}
      <span class="grow" />
      {moved && (
        <button type="button" class="text-button" onClick={findSimilar}>
          Find similar to #{focused.value} (s)
        </button>
      )}
    </footer>
  );
}

function summary(k: number, of: number, leftOut: number): string {
  const lost = leftOut > 0 ? `; ${formatCount(leftOut)} left out, whose values are not finite` : '';
  const fewer = k < similarK.value ? ` (${formatCount(similarK.value)} asked for)` : '';
  return `The ${formatCount(k)} nearest${fewer} of ${formatCount(of)} samples, the query itself excluded, duplicates kept${lost}`;
}
