import { type JSX } from 'preact';
import { OWN_IMAGE, type OwnImage, type Resize } from '../api';
import { IconButton } from '../elements/button';
import { Segmented } from '../elements/segmented';
import { ErrorStrip } from '../elements/states';
import { narrow } from '../frame/width';
import { classStyles, closeOwnImage, dropped, explain, findSimilar, keptModels, ownFollower, ownImage, ownInput, ownRescale, ownResize, payload, step, view } from '../store';
import { ModelButtons } from '../views/layers/job_state';
import { NumberField } from './adjust';
import { NearestSamples } from './neighbors';
import { Picture } from './picture';
import { ScoreBars } from './record';

const RESIZES: { value: Resize; label: string; title: string }[] = [
  { value: 'crop', label: 'Crop', title: 'The middle of it, as large as fits' },
  { value: 'pad', label: 'Pad', title: 'All of it, with borders' },
  { value: 'stretch', label: 'Stretch', title: 'All of it, without keeping its proportions' },
];

/** The user's own image: how the model sees it, and what it takes it for. */
export function OwnImagePanel(): JSX.Element {
  const own = ownImage.value;
  const input = ownInput.value;
  const error = ownFollower.error.value;
  const shown = payload.value;
  const kept = keptModels.value.includes(step.value ?? -1);
  // There the view tells it.
  const elsewhere = view.value !== 'attribution';
  return (
    <>
      <div class="inspector-scroll">
        <header class="inspector-head">
          <h1 class="ellipsis" title={dropped.value?.name}>{dropped.value?.name}</h1>
          <span class="caption grow">your image</span>
          <IconButton small icon="close" label="Close, back to the sample" onClick={closeOwnImage} />
        </header>
        {error && elsewhere && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => ownFollower.run()} />}
        {!kept && elsewhere && <NoModelHere />}
        {shown && (
          <Picture run={shown.run} input={input && { ...input, index: OWN_IMAGE }} name="Your image" boxWidth={(narrow.value ? 248 : 288) - 2} boxHeight={narrow.value ? 168 : 252} waiting={own === null} />
        )}
        <Segmented label="How it is made as large as the input" value={ownResize.value} options={RESIZES} onChange={(resize) => (ownResize.value = resize)} />
        <Rescale own={own} />
        {own && <Scores own={own} />}
        {own && <NearestSamples index={OWN_IMAGE} />}
      </div>
      <footer class="inspector-foot">
        <button type="button" class="button" title="Its nearest samples, and what sets it apart (s)" onClick={findSimilar}>Find similar</button>
        <button type="button" class="button" title="Which pixels the decision rests on (e)" onClick={explain}>Explain</button>
      </footer>
    </>
  );
}

function NoModelHere(): JSX.Element {
  return (
    <section class="findings">
      <p class="caption">It is read and predicted by the model, and that of epoch {step.value} is not kept.{keptModels.value.length === 0 && ' No epoch of this run has one: train with keep_models.'}</p>
      <ModelButtons />
    </section>
  );
}

/** What black and white become: those of the run's inputs unless it is told otherwise. */
function Rescale({ own }: { own: OwnImage | null }): JSX.Element | null {
  const used = ownRescale.value ?? own?.rescale;
  if (!used) return null;
  const [low, high] = used;
  return (
    <div class="adjust rescale" role="group" aria-label="What black and white become">
      <NumberField label="Black" value={low} onChange={(value) => (ownRescale.value = [value, high])} />
      <NumberField label="White" value={high} onChange={(value) => (ownRescale.value = [low, value])} />
      {ownRescale.value ? (
        <button type="button" class="button small" onClick={() => (ownRescale.value = null)}>As in this run</button>
      ) : (
        <span class="caption">as in this run's inputs</span>
      )}
    </div>
  );
}

function Scores({ own }: { own: OwnImage }): JSX.Element {
  const order = Int32Array.from(own.scores.keys()).sort((a, b) => own.scores[b]! - own.scores[a]!);
  return (
    <ScoreBars
      sample={{ scoreClasses: order, scores: Float32Array.from(order, (index) => own.scores[index]!), label: -1 }}
      classNames={payload.value?.manifest.class_names ?? []}
      looks={classStyles.value}
      most={narrow.value ? 3 : 8}
    />
  );
}
