import { type JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { DraftInput } from '../../elements/draft_input';
import { Icon } from '../../elements/icon';
import { ClassName } from '../../elements/swatch';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { useVirtualRows } from '../../elements/virtual_rows';
import { type Duplicates } from '../../api';
import { formatCount, formatValue } from '../../format';
import {
  addToPool,
  cancelError,
  cancelPairs,
  cancelling,
  classStyles,
  column,
  duplicates,
  findPairs,
  focusSample,
  focused,
  pairThreshold,
  pairsAcross,
  payload,
  similarMetric,
  splitOf,
} from '../../store';
import { jobWords } from '../samples/method_controls';
import { Menu } from '../shared/menu';
import { SampleThumbnail } from '../shared/sample_thumbnail';
import { Check, METRICS, SourceSelect, selectThese } from './controls';
import { savePairsCsv } from './exports';
import { pairFlags, parseThreshold, samplesOf } from './pairs';

const ROW = 68;

/** Pairs of samples that are nearly the same, and those that leak from one split into another. */
export function PairsPanel(): JSX.Element {
  const found = duplicates.data.value;
  const done = found?.state === 'done' ? found : null;
  const running = found?.state === 'queued' || found?.state === 'running';
  return (
    <section class="panel pairs" aria-label="Near-duplicates">
      <header class="panel-head">
        <SourceSelect />
        <Segmented label="Distance" value={similarMetric.value} options={METRICS} onChange={(metric) => (similarMetric.value = metric)} />
        <Threshold />
        {(payload.value?.manifest.splits.length ?? 0) > 1 && <Check label="Only across splits" title="Only pairs of samples from different splits: leaks from training into validation" on={pairsAcross} />}
        <span class="grow" />
        {done && done.pairs > 0 && (
          <button type="button" class="button small" title="The samples of all listed pairs become the selected set" onClick={() => selectThese(samplesOf(done))}>
            Select all
          </button>
        )}
        <Menu
          small
          icon="more"
          label="More for the pairs"
          items={[
            { label: 'Add all to the pool', disabled: !done, run: () => done && addToPool(samplesOf(done)) },
            { label: 'Pairs, CSV', disabled: !done, run: () => done && savePairsCsv(done) },
          ]}
        />
      </header>
      <Problems found={found} />
      {running ? <Running found={found} /> : done ? <Found done={done} /> : <Before found={found} />}
      {done && <footer class="panel-foot"><span class="ellipsis" title={done.note}>{summary(done)}</span></footer>}
    </section>
  );
}

function Threshold(): JSX.Element {
  const [bad, setBad] = useState(false);
  const used = duplicates.data.value?.threshold ?? NaN;
  const enter = (text: string): boolean => {
    const value = parseThreshold(text);
    setBad(value === undefined);
    if (value !== undefined) pairThreshold.value = value;
    return value !== undefined;
  };
  return (
    <label class="number-field" title="The largest distance of a pair; empty: chosen from the distances of nearest neighbours">
      <span class="caption">Closer than</span>
      <DraftInput
        class="text-field"
        type="text"
        inputMode="decimal"
        aria-invalid={bad}
        value={pairThreshold.value ?? ''}
        placeholder={Number.isFinite(used) ? formatValue(used) : 'chosen'}
        onEnter={enter}
      />
      {bad && <span class="caption wrong" role="alert">a number from 0 on</span>}
    </label>
  );
}

function Problems({ found }: { found: Duplicates | null }): JSX.Element | null {
  const error = duplicates.error.value ?? cancelError.value;
  if (error) return <ErrorStrip what={error.message} hint={error.hint} onRetry={duplicates.retry} />;
  if (found?.state === 'failed') return <ErrorStrip what={found.error} hint={found.hint} onRetry={findPairs} />;
  return null;
}

function Before({ found }: { found: Duplicates | null }): JSX.Element | null {
  if (found === null) return duplicates.error.value ? null : <div class="empty waiting" role="status">Looking whether this was searched before</div>;
  if (found.state === 'failed') return null;
  return (
    <Empty action={{ label: pairsAcross.value ? 'Find leaks' : 'Find near-duplicates', onClick: findPairs }}>
      {found.state === 'cancelled' && 'Cancelled. '}
      Every sample is compared with every other: pairs that lie closer than the threshold are the same image twice, or
      nearly so. Across splits they are leaks.
    </Empty>
  );
}

function Running({ found }: { found: Duplicates }): JSX.Element {
  return (
    <div class="empty" role="status">
      <p>{cancelling.value ? 'Cancelling' : `Comparing all samples: ${jobWords(found)}`}</p>
      <span class="meter" role="progressbar" aria-label="Search for near-duplicates" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * found.progress)}>
        <span style={{ width: `${100 * Math.min(1, found.progress)}%` }} />
      </span>
      <button type="button" class="button" disabled={cancelling.value} onClick={() => void cancelPairs()}>Cancel</button>
    </div>
  );
}

function Found({ done }: { done: Duplicates }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const rows = useVirtualRows(list, done.first.length, ROW, 0);
  if (done.first.length === 0) {
    return <Empty>No two samples{pairsAcross.value ? ' of different splits' : ''} lie closer than {formatValue(done.threshold)}: raise the threshold to look further.</Empty>;
  }
  return (
    <div class={duplicates.loading.value ? 'pair-list waiting' : 'pair-list'} ref={list} role="list" aria-label="Pairs, the closest first">
      <div style={{ height: `${rows.totalHeight}px`, position: 'relative' }}>
        {rows.items.map((item) => <Pair key={item.index} done={done} at={item.index} top={rows.top(item)} />)}
      </div>
    </div>
  );
}

function Pair({ done, at, top }: { done: Duplicates; at: number; top: number }): JSX.Element {
  const [first, second] = [done.first[at]!, done.second[at]!];
  const { labelsDiffer, splitsDiffer } = pairFlags(first, second, column('label').data.value?.values, splitOf);
  return (
    <div class="pair" role="listitem" aria-posinset={at + 1} aria-setsize={done.first.length} style={{ height: `${ROW}px`, transform: `translateY(${top}px)` }}>
      <span class="number" title={`${similarMetric.value} distance`}>{formatValue(done.distance[at]!)}</span>
      <Member index={first} />
      <Member index={second} />
      <span class="pair-flags">
        {labelsDiffer && <span class="wrong"><Icon name="warning" size={14} /> labels differ</span>}
        {splitsDiffer && <span class="warning"><Icon name="warning" size={14} /> across splits</span>}
      </span>
    </div>
  );
}

function Member({ index }: { index: number }): JSX.Element {
  const label = column('label').data.value?.values[index] ?? -1;
  const name = payload.value?.manifest.class_names[label] ?? 'unknown';
  return (
    <button type="button" class="pair-member" aria-current={focused.value === index} aria-label={`Sample ${index}, ${splitOf(index)}, ${name}`} onClick={() => focusSample(index)}>
      <SampleThumbnail index={index} size={56} />
      <span class="ellipsis">
        <b>#{index}</b> <span class="muted">{splitOf(index)}</span>
        <ClassName look={classStyles.value[label]} name={name} />
      </span>
    </button>
  );
}

function summary({ pairs, note }: Duplicates): string {
  return [`${formatCount(pairs)} ${pairs === 1 ? 'pair' : 'pairs'}`, note].filter(Boolean).join('; ');
}
