import { type JSX } from 'preact';
import { type Sample } from '../api';
import { type Swatch } from '../color';
import { ClassName } from '../elements/swatch';
import { formatCount, formatFixed, formatLoss, formatRank, formatValue } from '../format';

export interface RecordProps {
  sample: Sample;
  classNames: readonly string[];
  looks: readonly Swatch[];
}

function nameOf(names: readonly string[], index: number): string {
  return index < 0 ? 'unknown' : (names[index] ?? `class ${index}`);
}

/** Label, prediction with tick or cross, loss with its rank. */
export function Verdict({ sample, classNames, looks }: RecordProps): JSX.Element {
  const { label, prediction, loss, rank, ranked } = sample;
  const right = label === prediction;
  const judged = label >= 0;
  const words = `predicted ${nameOf(classNames, prediction)}`;
  return (
    <div class="verdict">
      <b><ClassName look={looks[label]} name={nameOf(classNames, label)} /></b>
      <b class="loss" title="Cross-entropy in nats, without sample or class weights">{formatLoss(loss)}</b>
      <span class={judged ? `ellipsis ${right ? 'correct' : 'wrong'}` : 'ellipsis'} title={words}>
        {judged && (right ? '✓ ' : '✗ ')}
        {words}
      </span>
      <span class="caption number" title={`Of ${formatCount(ranked)} watched samples with a finite loss`}>
        {rank === null ? 'not ranked' : formatRank(rank)}
      </span>
    </div>
  );
}

/** The highest scores and the label's. */
export function ScoreBars({ sample, classNames, looks, most }: Omit<RecordProps, 'sample'> & { sample: Parameters<typeof topScores>[0]; most: number }): JSX.Element {
  const rows = topScores(sample, most);
  return (
    <div class="score-list" role="list" aria-label="Highest scores">
      {rows.map(({ index, score }) => (
        <div key={index} class="score" role="listitem">
          <span class={index === sample.label ? 'strong' : ''}>
            <ClassName look={looks[index]} name={nameOf(classNames, index)} />
          </span>
          <span class="score-track">
            {score > 0 && <span class={looks[index]?.hollow ? 'fill hollow' : 'fill'} style={{ width: `${Math.max(1, 100 * score)}%`, '--hue': looks[index]?.color ?? '' }} />}
          </span>
          <span class="number">{formatFixed(score, 3)}</span>
        </div>
      ))}
    </div>
  );
}

/** At most `most` classes by score, the label's always among them. */
export function topScores(
  { scoreClasses, scores, label }: Pick<Sample, 'scoreClasses' | 'scores' | 'label'>,
  most: number,
): { index: number; score: number }[] {
  const all = Array.from(scoreClasses, (index, at) => ({ index, score: scores[at] ?? NaN }));
  const top = all.slice(0, most);
  const own = all.find(({ index }) => index === label);
  if (own && !top.includes(own)) top.splice(most - 1, 1, own);
  return top;
}

/** What else is known of the sample. */
export function Metadata({ sample }: { sample: Sample }): JSX.Element {
  const rows: [string, string][] = [
    ['margin', formatValue(sample.margin)],
    ['label score', formatFixed(sample.label_score, 3)],
    ...(sample.id === null ? [] : [['source', String(sample.source_index)] as [string, string]]),
    ...sample.metadata,
  ];
  return (
    <dl class="metadata">
      {rows.map(([name, value]) => (
        <>
          <dt class="ellipsis" title={name}>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}
