import { type JSX } from 'preact';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { type Neighbors, OWN_IMAGE } from '../../api';
import { formatCount, formatDistance } from '../../format';
import { goToOpen } from '../../frame/go_to';
import { narrow } from '../../frame/width';
import {
  MOST_K,
  addToPool,
  comparing,
  dropped,
  findSimilar,
  focused,
  keptModels,
  ownFollower,
  ownImage,
  payload,
  similarK,
  similarMetric,
  similarNeighbors,
  similarQuery,
  splitOf,
  step,
  withinLabel,
  withinSplit,
} from '../../store';
import { JobState, NoModel, stopped } from '../layers/job_state';
import { jobWords } from '../samples/method_controls';
import { Menu } from '../shared/menu';
import { SampleTile } from '../shared/sample_tile';
import { Check, METRICS, SourceSelect, selectThese } from './controls';
import { saveNeighborsCsv } from './exports';
import { NumberField } from './number_field';
import { OwnTile } from './own_tile';

const SIZE = 96;
const PICK = { label: 'Pick a sample', onClick: (): void => void (goToOpen.value = true) };

/** The query and its nearest samples. */
export function NeighborsPanel(): JSX.Element {
  const { data, loading, error, retry } = similarNeighbors;
  const found = error.value ? null : data.value;
  const own = comparing.value;
  const query = own ? OWN_IMAGE : similarQuery.value;
  const all = found ? [...(own ? [] : [found.query]), ...found.index] : [];
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
        <Check label={narrow.value ? 'Label' : 'Same label'} title={own ? 'An image of your own has no label' : "Only samples with the query's label"} on={withinLabel} disabled={own} />
        <Check label={narrow.value ? 'Split' : 'Same split'} title={own ? 'An image of your own has no split' : "Only samples of the query's split"} on={withinSplit} disabled={own} />
        <span class="grow" />
        <Menu
          small
          icon="more"
          label="More for the neighbours"
          items={[
            { label: 'Add all to the pool', disabled: !found, run: () => addToPool(all) },
            { label: 'Select all', disabled: !found, run: () => selectThese(all) },
            { label: 'Neighbours, CSV', disabled: !found, run: () => found && saveNeighborsCsv(found) },
          ]}
        />
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      <Query query={query} found={found} waiting={loading.value || found?.query !== query} />
      <Foot found={found} />
    </section>
  );
}

function Query({ query, found, waiting }: { query: number | null; found: Neighbors | null; waiting: boolean }): JSX.Element {
  const total = payload.value?.manifest.n_samples ?? 0;
  if (query === OWN_IMAGE) return <OwnQuery found={found?.query === OWN_IMAGE ? found : null} waiting={waiting} />;
  if (query === null) return <Empty action={PICK}>Click a sample, or pick one by its index or at random: its nearest samples show here.</Empty>;
  if (query >= total) return <Empty action={PICK}>This run has no sample {query}: its indices go from 0 to {formatCount(total - 1)}.</Empty>;
  return (
    <div class="similar-tiles">
      <div class="similar-query">
        <span class="caption">Query, {splitOf(query)}</span>
        <SampleTile index={query} size={SIZE} />
      </div>
      {found && <Found found={found} waiting={waiting} />}
    </div>
  );
}

/** The user's own image is read, then compared, both by the epoch's model. */
function OwnQuery({ found, waiting }: { found: Neighbors | null; waiting: boolean }): JSX.Element {
  const at = step.value ?? -1;
  if (!keptModels.value.includes(at)) return <NoModel>Your image is compared by what the model makes of it, and that of epoch {at} is not kept.</NoModel>;
  const error = ownFollower.error.value;
  if (error) return <ErrorStrip what={error.message} hint={error.hint} onRetry={() => ownFollower.run()} />;
  const job = ownFollower.job.value;
  return (
    <>
      {ownImage.value && !similarNeighbors.error.value && <JobState of={similarNeighbors} doing="Comparing your image" />}
      <div class="similar-tiles">
        <div class="similar-query">
          <span class="caption">Query</span>
          <OwnTile size={SIZE} />
        </div>
        {ownImage.value ? found?.state === 'done' && !stopped(similarNeighbors) && <Found found={found} waiting={waiting} /> : <p class="similar-found waiting" role="status">Reading the image{job && `: ${jobWords(job)}`}</p>}
      </div>
    </>
  );
}

function Found({ found, waiting }: { found: Neighbors; waiting: boolean }): JSX.Element {
  return (
    <div class={waiting ? 'similar-found waiting' : 'similar-found'} aria-busy={waiting}>
      {Array.from(found.index, (index, k) => (
        <div key={index}>
          <span class="caption">{k + 1}. {splitOf(index)}</span>
          <SampleTile index={index} size={SIZE} value={{ text: formatDistance(found.distance[k] ?? NaN), title: `${similarMetric.value} distance` }} />
        </div>
      ))}
      {found.index.length === 0 && <p class="caption">No other sample fits: lift a limit above.</p>}
    </div>
  );
}

function Foot({ found }: { found: Neighbors | null }): JSX.Element {
  const moved = focused.value !== null && !dropped.value && (comparing.value || focused.value !== similarQuery.value);
  const done = found?.state === 'done' ? found : null;
  return (
    <footer class="panel-foot">
      {done && <span class="ellipsis">{summary(done)}</span>}
      <span class="grow" />
      {moved && (
        <button type="button" class="text-button" onClick={findSimilar}>
          Find similar to #{focused.value} (s)
        </button>
      )}
    </footer>
  );
}

function summary({ query, index: { length: k }, of, leftOut }: Neighbors): string {
  const lost = leftOut > 0 ? `; ${formatCount(leftOut)} left out, whose values are not finite` : '';
  const fewer = k < similarK.value ? ` (${formatCount(similarK.value)} asked for)` : '';
  return `The ${formatCount(k)} nearest${fewer} of ${formatCount(of)} samples, ${query === OWN_IMAGE ? '' : 'the query itself excluded, '}duplicates kept${lost}`;
}
