import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { CHANGES, type Comparison } from '../../../api';
import { Empty } from '../../../elements/states';
import { formatCount, formatPercent } from '../../../format';
import { addToPool, changeKind, chooseKind, matchedWhere, selected, setOf } from '../../../store';
import { Tiles } from './tiles';

const SIGNS = ['✓ ✓', '✓ ✗', '✗ ✓', '✗ ✗', '✗ ✗'];
const WHY = [
  'Both predictions are the label',
  'The other was right, this run is wrong',
  'The other was wrong, this run is right',
  'Both predict the same wrong class',
  'Both are wrong, each in its own way',
];
/** What changed comes first. */
const ORDER = [1, 2, 4, 3, 0];

/** The samples by what became of them. */
export function Changes({ found }: { found: Comparison }): JSX.Element {
  const kind = changeKind.value;
  const samples = useMemo(() => matchedWhere(found, (place) => found.change[place] === kind), [found, kind]);
  const unknown = found.matched - found.n;
  return (
    <div class="compare-changes">
      <section class="panel" aria-label="What changed">
        <div class="compare-kinds" role="radiogroup" aria-label="What changed">
          {ORDER.map((at) => (
            <button key={at} type="button" role="radio" aria-checked={at === kind} title={WHY[at]} onClick={() => chooseKind(at)}>
              <span class="compare-sign" aria-hidden="true">{SIGNS[at]}</span>
              <span class="ellipsis">{CHANGES[at]}</span>
              <b>{formatCount(found.counts[at]!)}</b>
              <span class="meter" aria-hidden="true"><span style={{ width: `${(100 * found.counts[at]!) / Math.max(1, found.n)}%` }} /></span>
            </button>
          ))}
        </div>
        {unknown > 0 && <p class="caption">{formatCount(unknown)} have no label</p>}
      </section>
      <Listed found={found} samples={samples} title={CHANGES[kind]!} of={found.n} empty="No matched sample of the shown splits changed so." />
    </div>
  );
}

/** Samples as tiles, which can become the selected set. */
export function Listed({ found, samples, title, of, empty }: { found: Comparison; samples: Int32Array; title: string; of: number; empty: string }): JSX.Element {
  const count = formatCount(samples.length);
  return (
    <section class="panel" aria-label={`Samples: ${title}`}>
      <header class="panel-head">
        <h2>{count} {title}</h2>
        <span class="caption ellipsis" title="The samples whose loss differs most between the runs come first">{of > 0 && formatPercent(samples.length / of)} · the loss that differs most first</span>
        <span class="grow" />
        <button type="button" class="button small" disabled={samples.length === 0} onClick={() => (selected.value = setOf(samples))}>
          Select {count}
        </button>
        <button type="button" class="button small" disabled={samples.length === 0} onClick={() => addToPool(samples)}>
          Add to pool
        </button>
      </header>
      {samples.length === 0 ? <Empty>{empty}</Empty> : <Tiles found={found} samples={samples} />}
    </section>
  );
}
