import { useSignalEffect } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { Segmented } from '../../elements/segmented';
import { goToOpen } from '../../frame/go_to';
import { column, comparing, enterSimilar, keptModels, linkedText, ownFollower, payload, similarQuery, step } from '../../store';
import { NeighborsPanel } from './neighbors_panel';
import { PairsPanel } from './pairs_panel';
import { Waveform } from './waveform';
import './similar.css';

const tab = linkedText('similar.tab');
const PAIRS = 'pairs';

/** One sample, the samples most like it, and what sets it apart from them. */
export function Similar(): JSX.Element {
  useEffect(enterSimilar, []);
  useSignalEffect(keepExportsReady);
  const pairs = tab.value === PAIRS;
  return (
    <>
      <header class="view-head">
        <h1>Similar</h1>
        <Segmented
          label="What is shown"
          value={pairs ? PAIRS : ''}
          options={[
            { value: '', label: 'Neighbours', title: 'The samples nearest to one' },
            { value: PAIRS, label: 'Near-duplicates', title: 'Pairs that are nearly the same, within a split or across splits' },
          ]}
          onChange={(value) => (tab.value = value)}
        />
        <span class="grow" />
        <IconButton icon="dice" label="Pick a sample by its index, or at random (g)" onClick={() => (goToOpen.value = true)} />
      </header>
      <div class={pairs ? 'view-body similar whole' : 'view-body similar'}>
        {pairs ? (
          <PairsPanel />
        ) : (
          <>
            <NeighborsPanel />
            {hasQuery() && <Waveform />}
          </>
        )}
      </div>
    </>
  );
}

function hasQuery(): boolean {
  if (comparing.value) return keptModels.value.includes(step.value ?? -1) && ownFollower.error.value === null;
  const index = similarQuery.value;
  return index !== null && index < (payload.value?.manifest.n_samples ?? 0);
}

/** What the tables as files say of a sample. */
function keepExportsReady(): void {
  for (const name of ['label', 'prediction', 'source_index']) void column(name).data.value;
}
