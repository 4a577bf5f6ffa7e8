import { type JSX } from 'preact';
import { type Sample } from '../api';
import { type Swatch, GREY, inkOn, parseRgb } from '../color';
import { LineChart } from '../elements/line_chart';

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
const STRIP = 8;

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
      <Strip {...props} />
    </section>
  );
}

function Strip({ sample, classNames, looks, width, step, onPick }: HistoryProps): JSX.Element {
  const { steps, predictions, label } = sample;
  const cell = (width - LEFT) / Math.max(1, steps.length);
  const gap = cell > 4 ? 1 : 0;
  return (
    <svg class="strip" width={width} height={STRIP} role="img" aria-label="Predictions over the epochs">
      {Array.from(steps, (at, i) => {
        const prediction = predictions[i] ?? -1;
        const x = LEFT + cell * i;
        return (
          <g key={at} onClick={() => onPick(at)}>
            <title>{`epoch ${at}: ${classNames[prediction] ?? 'unknown'}${prediction === label ? ' ✓' : ' ✗'}`}</title>
            <rect class={at === step ? 'now' : undefined} x={x} y={0} width={Math.max(0.5, cell - gap)} height={STRIP} fill={looks[prediction]?.color ?? 'transparent'} />
            {prediction === label && cell >= 5 && <rect x={x + cell / 2 - 2} y={STRIP / 2 - 1} width={4} height={2} fill={inkOn(parseRgb(looks[prediction]?.color ?? GREY))} />}
          </g>
        );
      })}
    </svg>
  );
}
