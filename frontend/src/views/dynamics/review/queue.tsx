import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../../elements/icon';
import { ClassName } from '../../../elements/swatch';
import { Empty, sentence } from '../../../elements/states';
import { useVirtualRows } from '../../../elements/virtual_rows';
import { formatCount, formatFixed } from '../../../format';
import { type Verdict, classStyles, column, focusSample, focused, queue, ranking, rankingPlace, reviewed, sampleAt, undecidedOnly, verdicts } from '../../../store';
import { SampleThumbnail } from '../../shared/sample_thumbnail';
import { VERDICT_LOOKS, className } from './words';

const ROW = 48;

/** What there is to review, the most suspicious first. */
export function Queue(): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const places = queue.value;
  const rows = useVirtualRows(list, places.length, ROW, 0);
  const at = places.indexOf(rankingPlace.value);
  useEffect(() => {
    if (at >= 0) rows.scrollTo(at);
  }, [at, places]);
  return (
    <section class="panel review-queue" aria-label="Queue">
      <header class="panel-head">
        <h2>Queue</h2>
        <span class="caption ellipsis" title={`${formatCount(places.length)} samples, ranked at epoch ${ranking.value?.step}`}>{formatCount(places.length)} at epoch {ranking.value?.step}</span>
        <span class="grow" />
        <span class="caption" title={`In [0, 1]; higher is more probably mislabelled: ${ranking.value?.definition ?? ''}`}>score</span>
      </header>
      {ranking.value?.notes.map((note) => <p key={note} class="caption review-note">{sentence(note)}</p>)}
      {places.length === 0 && <Empty>{nothing()}</Empty>}
      <div class="review-rows" ref={list} role="list" aria-label="Samples to review, the most suspicious first">
        <div style={{ height: `${rows.totalHeight}px`, position: 'relative' }}>
          {rows.items.map((item) => {
            const place = places[item.index] ?? -1;
            const index = sampleAt(place);
            return <Row key={place} place={place} order={item.index} of={places.length} top={rows.top(item)} current={index === focused.value} verdict={verdicts.value.get(index)} />;
          })}
        </div>
      </div>
    </section>
  );
}

function nothing(): string {
  if (undecidedOnly.value && reviewed.value.length > 0) return 'All of these are reviewed: show them by switching “Undecided” off.';
  return 'Nothing speaks against a label here: choose other class pairs, reasons or splits.';
}

interface RowProps {
  /** In the ranking. */
  place: number;
  order: number;
  of: number;
  top: number;
  current: boolean;
  verdict: Verdict | undefined;
}

/** Follows no signal that a key changes, so that a key draws anew but the rows that it is about. */
function Row({ place, order, of, top, current, verdict }: RowProps): JSX.Element {
  const index = sampleAt(place);
  const label = column('label').data.value?.values[index] ?? -1;
  const suggested = ranking.value?.suggested[place] ?? -1;
  const hard = ranking.value?.reasons[place] === 'hard';
  const score = formatFixed(ranking.value?.score[place] ?? NaN);
  const to = verdict?.word === 'relabel' ? verdict.to : suggested;
  const state = verdict ? VERDICT_LOOKS[verdict.word].word : 'undecided';
  return (
    <div class="review-row" role="listitem" aria-posinset={order + 1} aria-setsize={of} style={{ transform: `translateY(${top}px)` }}>
      <button
        type="button"
        aria-current={current}
        aria-label={`Sample ${index}, ${className(label)}, suggested ${className(suggested)}${hard ? ', merely hard' : ''}, score ${score}, ${state}`}
        onClick={() => focusSample(index)}
      >
        <SampleThumbnail index={index} size={36} />
        <span class="review-row-words">
          <ClassName look={classStyles.value[label]} name={className(label)} />
          <span class={verdict ? 'review-state decided' : 'review-state'}>
            {verdict ? <><Icon name={VERDICT_LOOKS[verdict.word].icon} size={14} />{state}</> : '→'}
            {(!verdict || verdict.word === 'relabel') && <ClassName look={classStyles.value[to]} name={className(to)} />}
          </span>
        </span>
        <span class="review-row-score number">{score}{hard && <span class="caption">hard</span>}</span>
      </button>
    </div>
  );
}
