import { type JSX } from 'preact';
import { type Sample } from '../api';
import { type Swatch } from '../color';
import { LineChart } from '../elements/line_chart';
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

/** Loss over the epochs beside its class's median, and below it what was predicted. */
export function History(props: HistoryProps): JSX.Element {
  const { sample, width, height } = props;
  const series = [
    { label: 'loss', values: sample.losses, style: 'solid' as const },
    { label: 'class median', values: sample.classMedianLosses, style: 'dashed' as const },
  ];
  return (
    <section class="history">
      <header>
        <h2>Loss over the epochs</h2>
        <span class="caption" title="Of the watched samples with the same label and split">- - class median</span>
      </header>
      <LineChart
        label={`Loss of sample ${sample.sample_index} over the epochs`}
        x={sample.steps}
        series={series}
        width={width}
        height={height}
        left={LEFT}
        include={[0]}
        cursor={props.step}
        onPick={props.onPick}
      />
      <PredictionStrip {...props} left={LEFT} />
    </section>
  );
}
