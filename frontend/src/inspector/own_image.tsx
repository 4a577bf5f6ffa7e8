import { type JSX } from 'preact';
import { type Resize } from '../api';
import { IconButton } from '../elements/button';
import { Segmented } from '../elements/segmented';
import { ErrorStrip } from '../elements/states';
import { formatValue } from '../format';
import { narrow } from '../frame/width';
import { classStyles, closeOwnImage, dropped, explain, ownFollower, ownImage, ownInput, ownResize, payload, view } from '../store';
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
  // There the view tells it.
  const elsewhere = view.value !== 'attribution';
  const order = Int32Array.from(own?.scores.keys() ?? []).sort((a, b) => own!.scores[b]! - own!.scores[a]!);
  return (
    <div class="inspector-scroll">
      <header class="inspector-head">
        <h1 class="ellipsis" title={dropped.value?.name}>{dropped.value?.name}</h1>
        <span class="caption grow">your image</span>
        <IconButton small icon="close" label="Back to the sample" onClick={closeOwnImage} />
      </header>
      {error && elsewhere && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => ownFollower.run()} />}
      {shown && (
        <Picture run={shown.run} input={input && { ...input, index: -1 }} name="Your image" boxWidth={(narrow.value ? 248 : 288) - 2} boxHeight={narrow.value ? 168 : 252} waiting={own === null} />
      )}
      <Segmented label="How it is made as large as the input" value={ownResize.value} options={RESIZES} onChange={(resize) => (ownResize.value = resize)} />
      {own?.rescale && <p class="caption">black is {formatValue(own.rescale[0])}, white {formatValue(own.rescale[1])}, as the inputs of this run</p>}
      {own && (
        <ScoreBars
          sample={{ scoreClasses: order, scores: Float32Array.from(order, (index) => own.scores[index]!), label: -1 }}
          classNames={shown?.manifest.class_names ?? []}
          looks={classStyles.value}
          most={8}
        />
      )}
      {elsewhere && <button type="button" class="button" title="Which pixels the decision rests on (e)" onClick={explain}>Explain</button>}
      <p class="caption">Views that compare samples show the watched ones alone.</p>
    </div>
  );
}
