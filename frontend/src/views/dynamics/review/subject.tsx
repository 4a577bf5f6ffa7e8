import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { IconButton } from '../../../elements/button';
import { Icon } from '../../../elements/icon';
import { ErrorStrip } from '../../../elements/states';
import { ClassName } from '../../../elements/swatch';
import { useSize } from '../../../elements/use_size';
import { formatCount, formatDistance, formatFixed, formatOrdinal, formatPercent } from '../../../format';
import { Picture } from '../../../inspector/picture';
import {
  classStyles,
  column,
  firstSource,
  focused,
  inspectedInput,
  inspectedSample,
  moveInQueue,
  payload,
  ranking,
  rankingJob,
  rankingPlace,
  reviewNeighbors,
  reviewed,
  splitOf,
  step,
  verdicts,
} from '../../../store';
import { SampleThumbnail } from '../../shared/sample_thumbnail';
import { Decision } from './decision';
import { EvidencePanel } from './evidence_panel';
import { Trajectory } from './trajectory';
import { VERDICT_LOOKS, className } from './words';

const MOST_PICTURE = 336;
const GAP = 16;
const BELOW_PICTURE = 128;

/** The sample that is judged: its image, what is nearest to it, and what speaks for and against its label. */
export function Subject(): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const index = focused.value;
  const side = sideOf(Math.max(112, Math.min(MOST_PICTURE, Math.floor((width - GAP) / 2) - 2, height - BELOW_PICTURE)));
  const words = Math.max(160, width - side - GAP - 2);
  const problem = [inspectedSample, inspectedInput, reviewNeighbors].find(({ error }) => error.value !== null);
  return (
    <section class="panel review-subject" aria-label="Sample under review">
      <Head />
      {problem?.error.value && <ErrorStrip what={problem.error.value.message} hint={problem.error.value.hint} onRetry={problem.retry} />}
      <div class="review-subject-body" ref={body}>
        {index !== null && width > 0 && (
          <>
            <div style={{ width: `${side + 2}px` }}>
              <Picture
                run={payload.value?.run ?? ''}
                input={inspectedInput.data.value}
                boxWidth={side}
                boxHeight={side}
                waiting={inspectedInput.data.value?.index !== index}
              />
              <Nearest index={index} width={side} />
            </div>
            <div class="review-words" style={{ width: `${words}px` }}>
              <EvidencePanel index={index} />
              <Trajectory index={index} width={words} />
            </div>
          </>
        )}
      </div>
      <Decision />
    </section>
  );
}

/** The largest side up to `most` that a whole scale of the input fills. */
function sideOf(most: number): number {
  const [height, width] = payload.value?.manifest.input.shape ?? [1, 1];
  const longest = Math.max(height, width);
  return longest <= most ? most - (most % longest) : most;
}

function Head(): JSX.Element {
  const index = focused.value;
  const found = ranking.value;
  const at = rankingPlace.value;
  const sample = inspectedSample.data.value?.sample_index === index ? inspectedSample.data.value : null;
  const order = reviewed.value.indexOf(at);
  const verdict = verdicts.value.get(index ?? -1);
  return (
    <header class="panel-head">
      {index !== null && <b>#{index}</b>}
      <span class="muted ellipsis">
        {index !== null && splitOf(index)}
        {sample && ` · ${sample.id === null ? `source ${sample.source_index}` : sample.id}`}
        {found && at >= 0 && <span title={`${found.definition}; from the first ${found.evidence.get('judged_epochs')?.[at] ?? found.epochs} of ${found.epochs} epochs`}> · score <b>{formatFixed(found.score[at] ?? NaN)}</b></span>}
        {found && order >= 0 && ` · ${formatOrdinal(order + 1)} of ${formatCount(reviewed.value.length)}`}
        {found && index !== null && at < 0 && <span class="warning"> · nothing speaks against its label at epoch {found.step}</span>}
        {found && at >= 0 && order < 0 && ' · not among those the filters leave'}
      </span>
      <span class="grow" />
      {verdict && <span class="review-state decided"><Icon name={VERDICT_LOOKS[verdict.word].icon} size={14} />{VERDICT_LOOKS[verdict.word].word}</span>}
      {found && found.step !== step.value && <span class="caption warning" title="The ranking of the shown epoch is being made">ranked at epoch {found.step}{rankingJob.value ? `, next ${formatPercent(rankingJob.value.progress, 0)}` : ''}</span>}
      <IconButton small icon="previous" label="Previous in the queue (←)" onClick={() => moveInQueue(-1)} />
      <IconButton small icon="next" label="Next in the queue (→)" onClick={() => moveInQueue(1)} />
    </header>
  );
}

function Nearest({ index, width }: { index: number; width: number }): JSX.Element {
  const found = reviewNeighbors.data.value;
  const labels = column('label').data.value?.values;
  const size = Math.min(60, Math.floor((width - 4 * 8) / 5));
  const waiting = reviewNeighbors.loading.value || found?.query !== index;
  return (
    <section class="review-nearest" aria-label="Nearest samples">
      <header>
        <h2 class="ellipsis">Nearest in {firstSource.value}</h2>
        <span class="caption">their labels</span>
      </header>
      <div class={waiting ? 'row waiting' : 'row'}>
        {Array.from(found?.index ?? [], (at, k) => {
          const label = labels?.[at] ?? -1;
          const what = `Sample ${at}, ${splitOf(at)}, ${className(label)}, distance ${formatDistance(found?.distance[k] ?? NaN)}`;
          return (
            <span key={at} class="review-neighbor" title={what} style={{ width: `${size}px` }}>
              <SampleThumbnail index={at} size={size} label={what} />
              <ClassName look={classStyles.value[label]} name={className(label)} />
            </span>
          );
        })}
      </div>
    </section>
  );
}
