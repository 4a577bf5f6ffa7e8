import { useSignalEffect } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { goToOpen } from '../../frame/go_to';
import { column, enterSimilar, similarQuery } from '../../store';
import { NeighborsPanel } from './neighbors_panel';
import { Waveform } from './waveform';
import './similar.css';

/** One sample, the samples most like it, and what sets it apart from them. */
export function Similar(): JSX.Element {
  useEffect(enterSimilar, []);
  useSignalEffect(() => void column('source_index').data.value);
  return (
    <>
      <header class="view-head">
        <h1>Similar</h1>
        <span class="grow" />
        <IconButton icon="dice" label="Pick a sample by its index, or at random (g)" onClick={() => (goToOpen.value = true)} />
      </header>
      <div class="view-body similar">
        <NeighborsPanel />
        {similarQuery.value !== null && <Waveform />}
      </div>
    </>
  );
}
