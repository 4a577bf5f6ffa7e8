/** The focused sample, always at the right. */

import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { goToOpen } from '../frame/go_to';
import { shareLink } from '../frame/toast';
import { narrow, overlaid } from '../frame/width';
import { IconButton } from '../elements/button';
import { ErrorStrip } from '../elements/states';
import {
  addFocusedToPool,
  classStyles,
  currentLink,
  dropError,
  dropFile,
  dropped,
  explain,
  findSimilar,
  focusNeighbour,
  focused,
  inspectedInput,
  inspectedSample,
  payload,
  pooled,
  splitOf,
  step,
} from '../store';
import { TagEditor } from '../views/shared/tags';
import { History } from './history';
import { NearestSamples } from './neighbors';
import { OwnImagePanel } from './own_image';
import { Picture } from './picture';
import { Metadata, ScoreBars, Verdict } from './record';

export function Inspector(): JSX.Element {
  const [dropping, setDropping] = useState(false);
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setDropping(true);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setDropping(false);
    const file = event.dataTransfer?.files[0];
    if (file) void dropFile(file);
  };
  const problem = dropError.value;
  return (
    <aside class={dropping ? 'inspector dropping' : 'inspector'} aria-label="Focused sample" onDragOver={over} onDragLeave={() => setDropping(false)} onDrop={drop}>
      {problem && <ErrorStrip what={problem.message} hint={problem.hint} />}
      {dropped.value ? <OwnImagePanel /> : focused.value === null ? <Unfocused /> : <Focused index={focused.value} />}
    </aside>
  );
}

function Unfocused(): JSX.Element {
  return (
    <div class="inspector-scroll">
      <IndexHeader index={null} />
      <div class="empty">
        <p>Click a sample, or go through them with the arrow keys, to see it here.</p>
      </div>
    </div>
  );
}

function Focused({ index }: { index: number }): JSX.Element {
  const shown = payload.value;
  const input = inspectedInput.data.value;
  const problem = inspectedSample.error.value ?? inspectedInput.error.value;
  const retry = (): void => {
    if (inspectedSample.error.value) inspectedSample.retry();
    if (inspectedInput.error.value) inspectedInput.retry();
  };
  return (
    <>
      <div class="inspector-scroll">
        <IndexHeader index={index} />
        {problem && <ErrorStrip what={problem.message} hint={problem.hint} onRetry={retry} />}
        {shown && (
          <Picture
            run={shown.run}
            input={input}
            boxWidth={(narrow.value ? 248 : 288) - 2}
            boxHeight={narrow.value ? 168 : 252}
            waiting={input?.index !== index}
          />
        )}
        <Findings index={index} />
      </div>
      <Footer index={index} />
    </>
  );
}

function Footer({ index }: { index: number }): JSX.Element {
  const within = pooled.value.includes(index);
  return (
    <footer class="inspector-foot">
      <button type="button" class="button" title="Its nearest samples, and what sets them apart (s)" onClick={findSimilar}>
        Find similar
      </button>
      <button type="button" class="button" title="Which pixels the decision rests on (e)" onClick={explain}>
        Explain
      </button>
      <button type="button" class="button" title={within ? 'In the pool: moves it to the front (a)' : 'Sets it aside in the image pool (a)'} onClick={addFocusedToPool}>
        {within ? '✓ In the pool' : 'Add to pool'}
      </button>
    </footer>
  );
}

function Findings({ index }: { index: number }): JSX.Element | null {
  const sample = inspectedSample.data.value;
  const shown = payload.value;
  if (!sample || !shown) return null;
  const looks = classStyles.value;
  const classNames = shown.manifest.class_names;
  const waiting = sample.sample_index !== index || inspectedSample.loading.value;
  return (
    <div class={waiting ? 'findings waiting' : 'findings'}>
      <Verdict sample={sample} classNames={classNames} looks={looks} />
      <ScoreBars sample={sample} classNames={classNames} looks={looks} most={narrow.value ? 3 : 4} />
      <History
        sample={sample}
        classNames={classNames}
        looks={looks}
        step={step.value ?? 0}
        width={narrow.value ? 248 : 288}
        height={narrow.value ? 64 : 88}
        onPick={(at) => (step.value = at)}
      />
      <NearestSamples index={index} />
      <section>
        <h2>Tags</h2>
        <TagEditor index={index} />
      </section>
      <section>
        <h2>Record</h2>
        <Metadata sample={sample} />
      </section>
    </div>
  );
}

/** Names the sample; its index is the way to another. */
function IndexHeader({ index }: { index: number | null }): JSX.Element {
  const sample = inspectedSample.data.value;
  const current = sample?.sample_index === index ? sample : null;
  const where = index === null ? '' : splitOf(index);
  const source = current && (current.id ?? `source ${current.source_index}`);
  return (
    <header class="inspector-head">
      <button type="button" class="index" aria-haspopup="dialog" aria-expanded={goToOpen.value} title="Pick a sample by its index, or at random (g)" onClick={() => (goToOpen.value = true)}>
        {index === null ? 'Pick a sample' : `#${index}`}
      </button>
      <span class="caption ellipsis grow" title={[where, source].filter(Boolean).join(' · ')}>
        {[where, source].filter(Boolean).join(' · ')}
      </span>
      <IconButton small icon="previous" label="Previous sample (←)" onClick={() => focusNeighbour(-1)} />
      <IconButton small icon="next" label="Next sample (→)" onClick={() => focusNeighbour(1)} />
      {index !== null && !narrow.value && (
        <IconButton small icon="link" label="Copy a link to this sample" onClick={() => void shareLink(currentLink())} />
      )}
      {overlaid.value && <IconButton small icon="close" label="Close (Esc)" onClick={() => (focused.value = null)} />}
    </header>
  );
}
