import { type JSX } from 'preact';
import { type Faithfulness, type Stability } from '../../api';
import { countNonFinite } from '../../draw/tween';
import { Progress } from '../../elements/states';
import { formatCount, formatFixed, formatPercent } from '../../format';
import { type Picture } from '../../store/layouts';
import { epochWords, jobWords } from './method_controls';
import { INPUTS, type Side } from './state';

/** How faithful a plot is, and what else is to be known of it. */
export function PlotFoot({ side }: { side: Side }): JSX.Element {
  const { picture, current, error, job } = side.shown;
  const shown = picture.value;
  if (shown === null) {
    return <footer class="panel-foot">{error.value ? 'No picture' : 'Computing the projection…'}</footer>;
  }
  const { pca } = shown;
  const failed = error.value !== null;
  const epochs = side.shown.epochs.value;
  const aligning = pca !== null && epochs !== null && epochs.done < epochs.total && !failed;
  const other = !current.value && shown.source !== INPUTS && job.value === null;
  return (
    <footer class="panel-foot">
      {shown.stage === 'final' ? <><Badge side={side} /><StabilityBadge side={side} /></> : <span class="ellipsis" title={shown.note}>{workWords(side) || 'Not complete: its faithfulness is not measured.'}</span>}
      <span class="grow" />
      {aligning && <Progress label="aligning" done={epochs.done} total={epochs.total} />}
      {pca && !aligning && !pca.aligned && shown.source !== INPUTS && <span>not aligned</span>}
      {(other || (failed && !current.value)) && <span class="warning">still of epoch {shown.step}</span>}
      <Lost shown={shown} />
      {shown.note && shown.stage === 'final' && <span class="note" tabIndex={0} title={shown.note}>note</span>}
    </footer>
  );
}

function workWords({ shown: { job, picture, epochs } }: Side): string {
  const open = job.value !== null && job.value.state !== 'cancelled';
  return [open && epochs.value ? epochWords(epochs.value) : '', open && job.value ? jobWords(job.value) : '', picture.value?.note].filter(Boolean).join(' · ');
}

/** What a stability says. */
export function stabilityWords({ movement, trueMovement, correlation, n, previous, note }: Stability): string {
  return [
    `Since epoch ${previous ?? '–'} the samples moved by ${formatFixed(movement)} of the plot’s root mean square radius on average,`,
    `and by ${formatFixed(trueMovement)} of the layer’s, once that is turned and scaled to fit.`,
    `Spearman’s correlation of the two over ${formatCount(n)} samples: ${formatFixed(correlation, 2)}.`,
    'Near 1, those that move here moved in the layer; what moves here alone is the method’s own.',
    note,
  ].filter(Boolean).join('\n');
}

/** How far points moved here since the epoch before, and how far in the layer. */
function StabilityBadge({ side }: { side: Side }): JSX.Element | null {
  const { data, error } = side.shown.stability;
  const found = data.value?.key === side.shown.picture.value?.key ? data.value : null;
  if (error.value) return <span class="caption ellipsis" title={`${error.value.message} ${error.value.hint}`}>stability: {error.value.message}</span>;
  if (!found || found.previous === null) return null;
  return (
    <span class="badge stability" title={stabilityWords(found)} tabIndex={0}>
      <span>moved <b>{formatFixed(found.movement, 2)}</b>, in the layer <b>{formatFixed(found.trueMovement, 2)}</b></span>
    </span>
  );
}

function Lost({ shown }: { shown: Picture }): JSX.Element | null {
  const absent = shown.index === null ? 0 : shown.of - shown.index.length;
  const lost = countNonFinite(shown.xy) - absent;
  if (lost <= 0) return null;
  return (
    <span class="warning" title="Their coordinates are NaN or infinite: they are not drawn.">
      {formatCount(lost)} not finite
    </span>
  );
}

export function badgeWords({ trustworthiness, kept, k, n, of }: Faithfulness): string {
  const looked = n < of ? `On a sample of ${formatCount(n)} of ${formatCount(of)}.` : `On all ${formatCount(n)} samples.`;
  return [
    `Trustworthiness ${formatFixed(trustworthiness, 3)}: near 1, samples that lie together here are near in the vectors too; about 0.5 is chance.`,
    `${k}-NN kept ${formatPercent(kept, 0)}: of each sample’s ${k} nearest, the share that is among its ${k} nearest here.`,
    looked,
  ].join('\n');
}

/** Trustworthiness and the neighbours kept, as numbers and bars. */
function Badge({ side }: { side: Side }): JSX.Element {
  const { data, error, loading } = side.shown.faithfulness;
  const known = data.value?.key === side.shown.picture.value?.key ? data.value : null;
  if (error.value) {
    return <span class="ellipsis caption" title={`${error.value.message} ${error.value.hint}`}>faithfulness: {error.value.message}</span>;
  }
  const waiting = loading.value || known === null;
  const share = (value: number): string => `${100 * Math.min(1, Math.max(0, value || 0))}%`;
  const looked = known && known.n < known.of ? `n = ${formatCount(known.n)}` : '';
  return (
    <span class={waiting ? 'badge muted' : 'badge'} title={known ? badgeWords(known) : 'Measured once the picture is complete'}>
      <span class="meter" aria-hidden="true"><span style={{ width: share(known?.trustworthiness ?? 0) }} /></span>
      <span><span class="wide">trustworthiness</span><span class="brief">trust</span> <b>{known ? formatFixed(known.trustworthiness, 3) : '…'}</b></span>
      <span class="meter" aria-hidden="true"><span style={{ width: share(known?.kept ?? 0) }} /></span>
      <span>{known?.k ?? 15}-NN <span class="wide">kept </span><b>{known ? formatPercent(known.kept, 0) : '…'}</b></span>
      {looked && <span class="wide muted">{looked}</span>}
    </span>
  );
}
