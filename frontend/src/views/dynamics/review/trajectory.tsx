import { type JSX } from 'preact';
import { LineChart, type Series } from '../../../elements/line_chart';
import { PredictionStrip } from '../../../inspector/prediction_strip';
import { classStyles, goToStep, inspectedSample, payload, relabelTarget, reviewScores, step } from '../../../store';
import { className } from './words';

const LEFT = 28;
const HEIGHT = 132;

/** Scores of the given and of the suggested class over the epochs, and what was predicted. */
export function Trajectory({ index, width }: { index: number; width: number }): JSX.Element | null {
  const sample = inspectedSample.data.value;
  const to = relabelTarget.value;
  if (!sample || width < 2 * LEFT) return null;
  const waiting = sample.sample_index !== index;
  const other = reviewScores.data.value?.index === index ? reviewScores.data.value.scores.get(to) : undefined;
  const series: Series[] = [
    { label: `score of ${className(sample.label)}`, values: sample.labelScores, style: 'solid' },
    ...(other ? [{ label: `score of ${className(to)}`, values: other, style: 'dashed' as const }] : []),
  ];
  return (
    <section class={waiting ? 'review-trajectory waiting' : 'review-trajectory'}>
      <header>
        <h2>Scores over the epochs</h2>
        <span class="caption ellipsis" title={series.map(({ label }) => label).join('; ')}>
          <b>—</b> {className(sample.label)}{other && ` - - ${className(to)}`}
        </span>
      </header>
      <LineChart
        label={`Scores of sample ${index} over the epochs`}
        x={sample.steps}
        series={series}
        width={width}
        height={HEIGHT}
        left={LEFT}
        include={[0, 1]}
        cursor={step.value}
        onPick={goToStep}
      />
      <PredictionStrip
        sample={sample}
        classNames={payload.value?.manifest.class_names ?? []}
        looks={classStyles.value}
        step={step.value ?? -1}
        width={width}
        left={LEFT}
        onPick={goToStep}
      />
      <span class="caption">predictions</span>
    </section>
  );
}
