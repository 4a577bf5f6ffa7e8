import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { LineChart, type Series } from '../../elements/line_chart';
import { Segmented } from '../../elements/segmented';
import { Empty } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatLoss, formatPercent } from '../../format';
import { goToStep, payload, step, stepPosition, steps } from '../../store';
import { type Metric, metricOf, orderedSplits, stepsWithBrokenLosses } from './splits';

const STYLES = ['solid', 'dashed', 'muted'] as const;

export function LossCurve(): JSX.Element {
  const broken = stepsWithBrokenLosses(steps.value);
  return (
    <Curve
      title="Loss"
      metric="loss"
      format={formatLoss}
      axis={(value) => String(Number(value.toPrecision(6)))}
      ends={(values) => [0, values.some((value) => value > 0) ? 0 : 1]}
      aside={broken.length > 0 && (
        <span class="caption warning ellipsis" title={`Epochs ${broken.join(', ')}. The means leave those samples out; an epoch without a finite loss is a gap.`}>
          NaN or ∞ in {broken.length} {broken.length === 1 ? 'epoch' : 'epochs'}
        </span>
      )}
    />
  );
}

export function AccuracyCurve(): JSX.Element {
  const metric = useSignal<'accuracy' | 'balanced_accuracy'>('accuracy');
  return (
    <Curve
      title={metric.value === 'accuracy' ? 'Accuracy' : 'Balanced accuracy'}
      metric={metric.value}
      format={formatPercent}
      axis={(value) => `${Number((100 * value).toFixed(2))}%`}
      ends={flatShares}
      aside={
        <Segmented
          label="Kind of accuracy"
          value={metric.value}
          options={[
            { value: 'accuracy', label: 'All' },
            { value: 'balanced_accuracy', label: 'Balanced', title: 'The mean recall of the classes that occur' },
          ]}
          onChange={(value) => (metric.value = value)}
        />
      }
    />
  );
}

/** Room around shares that are all the same, within what a share can be. */
function flatShares(values: readonly number[]): number[] {
  const first = values[0] ?? 0;
  const flat = values.every((value) => value === first);
  return flat ? [Math.max(0, first - 0.1), Math.min(1, first + 0.1)] : [];
}

interface CurveProps {
  title: string;
  metric: Metric;
  format(value: number): string;
  /** Numbers of the y axis. */
  axis(value: number): string;
  /** What the y axis reaches at least, given the finite values. */
  ends(values: readonly number[]): number[];
  /** At the right of the title. */
  aside?: JSX.Element | false;
}

/** One metric over the epochs, a line a split; a press shows that epoch. */
function Curve(props: CurveProps): JSX.Element {
  const { title, metric, format } = props;
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const logged = steps.value;
  const series = orderedSplits(payload.value?.manifest.splits ?? []).map((name, k): Series => ({
    label: name,
    values: metricOf(logged, name, metric),
    style: STYLES[Math.min(k, STYLES.length - 1)] ?? 'muted',
  }));
  return (
    <section class="panel curve" aria-label={`${title} over the epochs`}>
      <header class="panel-head">
        <h2 class="ellipsis">{title}</h2>
        <span class="grow" />
        {props.aside}
      </header>
      <div class="curve-keys">
        {series.map((entry) => (
          <span key={entry.label} class="caption">
            <svg width="18" height="8" class="chart" aria-hidden="true"><path class={`line ${entry.style}`} d="M0 4h18" /></svg>
            <span class="ellipsis">{entry.label}</span> <b>{format(entry.values[stepPosition.value] ?? NaN)}</b>
          </span>
        ))}
      </div>
      <div class="curve-body" ref={body}>
        {logged.length === 0 && <Empty>No epoch is logged yet.</Empty>}
        {logged.length > 0 && width > 0 && (
          <LineChart
            label={`${title} over the epochs`}
            x={logged.map((entry) => entry.step)}
            series={series}
            width={width}
            height={height}
            cursor={step.value}
            onPick={goToStep}
            format={props.axis}
            left={36}
            include={props.ends(series.flatMap((entry) => Array.from(entry.values)).filter(Number.isFinite))}
          />
        )}
      </div>
    </section>
  );
}
