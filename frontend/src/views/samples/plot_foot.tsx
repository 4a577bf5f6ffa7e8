import { type JSX } from 'preact';
import { type Faithfulness } from '../../api';
import { countNonFinite } from '../../draw/tween';
import { Progress } from '../../elements/states';
import { formatCount, formatFixed, formatPercent } from '../../format';
import { type Picture } from '../../store/layouts';
import { jobWords } from './method_controls';
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
  const aligning = pca !== null && pca.done < pca.total && !failed;
  const other = !current.value && shown.source !== INPUTS && job.value === null;
  return (
    <footer class="panel-foot">
      {shown.stage === 'final' ? <Badge side={side} /> : <span class="ellipsis" title={shown.note}>{workWords(side) || 'Not complete: its faithfulness is not measured.'}</span>}
      <span class="grow" />
      {aligning && <Progress label="aligning" done={pca.done} total={pca.total} />}
      {pca && !aligning && !pca.aligned && shown.source !== INPUTS && <span>not aligned</span>}
      {(other || (failed && !current.value)) && <span class="warning">still of epoch {shown.step}</span>}
      <Lost shown={shown} />
      {shown.note && shown.stage === 'final' && <span class="note" tabIndex={0} title={shown.note}>note</span>}
    </footer>
  );
}

function workWords({ shown: { job, picture } }: Side): string {
  const open = job.value !== null && job.value.state !== 'cancelled';
  return [open && job.value ? jobWords(job.value) : '', picture.value?.note].filter(Boolean).join(' · ');
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
      <span>{known?.k ?? 15}-NN kept <b>{known ? formatPercent(known.kept, 0) : '…'}</b></span>
      {looked && <span class="wide muted">{looked}</span>}
    </span>
  );
}
