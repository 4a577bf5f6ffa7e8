import { type JSX } from 'preact';
import { type Sample } from '../api';
import { type Swatch } from '../color';
import { LineChart } from '../elements/line_chart';
import { Segmented } from '../elements/segmented';
import { linkedText } from '../store';
import { EventMarks, EventsLegend, eventsOf } from './events';
import { PredictionStrip } from './prediction_strip';

export interface HistoryProps {
  sample: Sample;
  classNames: readonly string[];
  looks: readonly Swatch[];
  step: number;
  width: number;
  height: number;
  onPick(step: number): void;
}

const LEFT = 28;
const QUANTITIES = [
  { value: 'loss', label: 'Loss', title: 'Loss over the epochs, in nats' },
  { value: 'label_score', label: 'Label score', title: 'Score of the label over the epochs' },
  { value: 'margin', label: 'Margin', title: 'Label logit minus the largest other, over the epochs' },
];
const shownQuantity = linkedText('history', 'loss');

/** Loss, label score or margin over the epochs; below it what was predicted, and what happened. */
export function History(props: HistoryProps): JSX.Element {
  const { sample, width, height, step } = props;
  const chosen = QUANTITIES.find(({ value }) => value === shownQuantity.value) ?? QUANTITIES[0]!;
  const values = { loss: sample.losses, label_score: sample.labelScores, margin: sample.margins }[chosen.value]!;
  const isLoss = chosen.value === 'loss';
  const series = [
    { label: chosen.label, values, style: 'solid' as const },
    ...(isLoss ? [{ label: 'class median', values: sample.classMedianLosses, style: 'dashed' as const }] : []),
  ];
  const events = eventsOf(sample.events, step);
  return (
    <section class="history">
      <header>
        <h2 class="visually-hidden">Over the epochs</h2>
        <Segmented label="Over the epochs" value={chosen.value} options={QUANTITIES} onChange={(value) => (shownQuantity.value = value)} />
        {isLoss && <span class="caption" title="Of the watched samples with the same label and split">- - {props.width < 280 ? 'median' : 'class median'}</span>}
      </header>
      <LineChart
        label={`${chosen.label} of sample ${sample.sample_index} over the epochs`}
        x={sample.steps}
        series={series}
        width={width}
        height={height}
        left={LEFT}
        cells
        include={chosen.value === 'label_score' ? [0, 1] : [0]}
        cursor={step}
        onPick={props.onPick}
      />
      {events.length > 0 && <EventMarks steps={sample.steps} events={events} width={width} left={LEFT} onPick={props.onPick} />}
      <PredictionStrip {...props} left={LEFT} />
      <EventsLegend events={sample.events} shown={step} judged={sample.label >= 0} />
    </section>
  );
}
