import { type JSX } from 'preact';
import { type Sample } from '../api';
import { type Swatch, GREY, inkOn, parseRgb } from '../color';

export interface PredictionStripProps {
  sample: Sample;
  classNames: readonly string[];
  looks: readonly Swatch[];
  /** The shown epoch. */
  step: number;
  width: number;
  /** Room at the left, for the axis of what stands above. */
  left: number;
  onPick(step: number): void;
}

const HEIGHT = 8;

/** What was predicted at each epoch, by the class's colour; a dash where that is the label. */
export function PredictionStrip({ sample, classNames, looks, width, left, step, onPick }: PredictionStripProps): JSX.Element {
  const { steps, predictions, label } = sample;
  const cell = (width - left) / Math.max(1, steps.length);
  const gap = cell > 4 ? 1 : 0;
  return (
    <svg class="strip" width={width} height={HEIGHT} role="img" aria-label="Predictions over the epochs">
      {Array.from(steps, (at, i) => {
        const prediction = predictions[i] ?? -1;
        const x = left + cell * i;
        return (
          <g key={at} onClick={() => onPick(at)}>
            <title>{`epoch ${at}: ${classNames[prediction] ?? 'unknown'}${prediction === label ? ' ✓' : ' ✗'}`}</title>
            <rect class={at === step ? 'now' : undefined} x={x} y={0} width={Math.max(0.5, cell - gap)} height={HEIGHT} fill={looks[prediction]?.color ?? 'transparent'} />
            {prediction === label && cell >= 5 && <rect x={x + cell / 2 - 2} y={HEIGHT / 2 - 1} width={4} height={2} fill={inkOn(parseRgb(looks[prediction]?.color ?? GREY))} />}
          </g>
        );
      })}
    </svg>
  );
}
