import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { LineChart, type Series } from '../../../elements/line_chart';
import { useSize } from '../../../elements/use_size';
import { EventMarks, EventsLegend, eventsOf } from '../../../inspector/events';
import { PredictionStrip } from '../../../inspector/prediction_strip';
import { classScores, classStyles, goToStep, inspectedSample, payload, relabelTarget, reviewScores, step } from '../../../store';
import { className } from './words';

const LEFT = 28;

/** Scores of the given and of the suggested class over the epochs, what was predicted, and what happened. */
export function Trajectory({ index, width }: { index: number; width: number }): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const [, height] = useSize(box);
  const sample = inspectedSample.data.value;
  const to = relabelTarget.value;
  const history = reviewScores.data.value;
  const other = history?.index === index ? history.scores.get(to) : undefined;
  const median = classScores.data.value?.groups.find(({ group }) => group === sample?.label)?.median;
  const at = step.value ?? -1;
  const name = className(sample?.label ?? -1);
  const series: Series[] = sample === null ? [] : [
    { label: `score of ${name}`, values: sample.labelScores, style: 'solid' },
    ...(other ? [{ label: `score of ${className(to)}`, values: other, style: 'dashed' as const }] : []),
    ...(median ? [{ label: `median score of the samples labelled ${name}`, values: median, style: 'muted' as const }] : []),
  ];
  const legend = [`— ${name}`, ...(other ? [`- - ${className(to)}`] : []), ...(median ? [`··· median of ${name}`] : [])];
  const events = sample ? eventsOf(sample.events, at) : [];
  return (
    <section class={sample?.sample_index === index ? 'review-trajectory' : 'review-trajectory waiting'}>
      <header>
        <h2>Scores over the epochs</h2>
      </header>
      <p class="caption review-keys">
        {legend.map((text, k) => <span key={k} class="ellipsis" title={series[k]?.label}>{text}</span>)}
      </p>
      <div class="review-chart" ref={box}>
        {sample && width > 2 * LEFT && height > 0 && (
          <LineChart
            label={`Scores of sample ${index} over the epochs`}
            x={sample.steps}
            series={series}
            width={width}
            height={height}
            left={LEFT}
            cells
            include={[0, 1]}
            cursor={step.value}
            onPick={goToStep}
          />
        )}
      </div>
      {sample && (
        <>
          {events.length > 0 && <EventMarks steps={sample.steps} events={events} width={width} left={LEFT} onPick={goToStep} />}
          <PredictionStrip
            sample={sample}
            classNames={payload.value?.manifest.class_names ?? []}
            looks={classStyles.value}
            step={at}
            width={width}
            left={LEFT}
            onPick={goToStep}
          />
          <EventsLegend events={sample.events} shown={at} judged={sample.label >= 0} />
        </>
      )}
    </section>
  );
}
