import { type JSX } from 'preact';
import { type Comparison, type Share } from '../../../api';
import { Icon } from '../../../elements/icon';
import { formatCount, formatPercent } from '../../../format';

const MCNEMAR = 'McNemar’s exact test: of the samples on which only one of the two is right, as many would be expected either way if both were as often right. It needs the same samples in both, which is why only matched ones count; p is two-sided.';

/** How often both are right, how much changed, and whether that could be chance. */
export function Statistics({ found, name }: { found: Comparison; name: string }): JSX.Element {
  const { accuracy, otherAccuracy, mcnemar: { lost, won, p }, matched, of, ofOther } = found;
  const judged = `of ${formatCount(found.n)} matched samples with a label; ${found.interval} interval`;
  return (
    <>
      <div class="compare-statistics">
        <Stat title={`matched by ${found.by}`} value={formatCount(matched)} why={`${formatCount(matched)} of the ${formatCount(of)} shown samples are in ${name}, too, which has ${formatCount(ofOther)}; the others count nowhere here`}>
          of {formatCount(of)}
        </Stat>
        <Stat title="accuracy of this run" value={formatPercent(accuracy.share)} why={judged}>{interval(accuracy)}</Stat>
        <Stat title={`accuracy of ${name}`} value={formatPercent(otherAccuracy.share)} why={judged}>{interval(otherAccuracy)}</Stat>
        <Stat title="churn" value={formatPercent(found.churn)} why="Share of the matched samples whose prediction differs (Milani Fard et al. 2016)">predictions differ</Stat>
        <Stat title="McNemar’s p" value={formatP(p)} why={MCNEMAR}>{formatCount(lost)} lost, {formatCount(won)} won</Stat>
      </div>
      {found.note && <p class="compare-note caption" title={found.note}><Icon name="warning" size={16} /> <span class="ellipsis">{found.note}</span></p>}
    </>
  );
}

function Stat({ title, value, why, children }: { title: string; value: string; why: string; children: JSX.Element | (JSX.Element | string | false)[] | string }): JSX.Element {
  return (
    <div title={why}>
      <span class="caption ellipsis">{title}</span>
      <b>{value}</b>
      <span class="caption ellipsis">{children}</span>
    </div>
  );
}

const interval = ({ low, high }: Share): string => (Number.isFinite(low) ? `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}` : 'no label');

/** Two digits, as a power of ten below a thousandth. */
export function formatP(p: number): string {
  if (p >= 0.001 || p === 0) return p === 0 ? '0' : p.toFixed(3);
  const [digits, power] = p.toExponential(1).split('e-');
  return `${digits}·10${[...power!].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('').replace(/^/, '⁻')}`;
}
