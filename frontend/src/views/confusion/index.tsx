import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Segmented } from '../../elements/segmented';
import { useSize } from '../../elements/use_size';
import { formatCount, formatPercent } from '../../format';
import { confusion, confusionTab, followPicked, payload, shownSplits } from '../../store';
import { CalibrationTab } from './calibration_tab';
import { ChangeTab } from './change_tab';
import { MatrixTab } from './matrix_tab';
import { SlicesTab } from './slices_tab';
import { ThresholdTab } from './threshold_tab';
import './confusion.css';

const TABS = [
  { value: 'matrix', label: 'Matrix' },
  { value: 'change', label: 'Change' },
  { value: 'calibration', label: 'Calibration' },
  { value: 'threshold', label: 'Threshold' },
  { value: 'slices', label: 'Slices' },
];

/** Labels against predictions: what is taken for what, how sure, at which threshold, and where. */
export function ConfusionView(): JSX.Element {
  useEffect(followPicked, []);
  const body = useRef<HTMLDivElement>(null);
  const [width] = useSize(body);
  const narrow = width < 760;
  const tab = TABS.some(({ value }) => value === confusionTab.value) ? confusionTab.value : 'matrix';
  return (
    <>
      <header class="view-head">
        <h1>Confusion</h1>
        <Statistics />
        <span class="grow" />
        <Segmented label="What is shown" value={tab} options={TABS} onChange={(value) => (confusionTab.value = value)} />
      </header>
      <div class="view-body confusion" ref={body}>
        {tab === 'matrix' && <MatrixTab narrow={narrow} />}
        {tab === 'change' && <ChangeTab narrow={narrow} />}
        {tab === 'calibration' && <CalibrationTab />}
        {tab === 'threshold' && <ThresholdTab narrow={narrow} />}
        {tab === 'slices' && <SlicesTab />}
      </div>
    </>
  );
}

/** Accuracies with the interval of the first. */
function Statistics(): JSX.Element {
  const data = confusion.data.value;
  const all = payload.value?.manifest.splits.length === shownSplits.value.size;
  const splits = all ? '' : ` of ${[...shownSplits.value].join(', ')}`;
  if (!data) return <span class="caption ellipsis">labels against predictions</span>;
  const { accuracyLow: low, accuracyHigh: high } = data;
  const beside = [
    data.unknown && `${formatCount(data.unknown)} without a label are left out`,
    data.noPrediction && `${formatCount(data.noPrediction)} without a prediction count as wrong`,
  ].filter(Boolean);
  return (
    <span class="caption ellipsis confusion-statistics" title={`${formatCount(data.n)} labelled samples${splits}; ${data.interval} interval of the accuracy. ${beside.join('; ')}`}>
      <span>
        <span class="wide">{formatCount(data.n)} samples · </span>
        accuracy <b>{formatPercent(data.accuracy)}</b> ({(100 * low).toFixed(1)}–{(100 * high).toFixed(1)})
      </span>
      <span>
        <span class="wide"> · </span>balanced <b>{formatPercent(data.balancedAccuracy)}</b>
        {data.support.length > 5 && <>{' · '}top-5 <b>{formatPercent(data.top5Accuracy)}</b></>}
        {beside.length > 0 && <span class="warning"> · {beside.join(' · ')}</span>}
      </span>
    </span>
  );
}
