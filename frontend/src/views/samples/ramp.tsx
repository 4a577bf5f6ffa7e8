import { scaleLinear, scaleLog } from 'd3-scale';
import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type Continuous } from '../../colouring';
import { Segmented } from '../../elements/segmented';
import { useSize } from '../../elements/use_size';
import { formatCount, formatValue } from '../../format';
import { colourBy, column, hiddenClasses, lossScale, shownMask } from '../../store';
import { scaleHistogram, toggled } from './legend_rows';

const TALLEST = 200;
const LEAST_HEIGHT = 72;
/** What stands in the ramp's panel beside the ramp: switch, unit, gaps. */
const AROUND = 26 + 16 + 3 * 8 + 12;
const MISSING_ROW = 30;
const STRIPES = 50;
const BINS = 25;
const MISSING = -1;

export interface Tick {
  value: number;
  /** 0 at the low end, 1 at the high end. */
  at: number;
}

/** Round values on the scale, its two ends always among them, none nearer to another than `gap`. */
export function rampTicks(look: Pick<Continuous, 'low' | 'high' | 'log' | 'share'> & { whole?: boolean }, gap = 0.08): Tick[] {
  const { low, high, log, share } = look;
  if (!(high > low)) return [{ value: low, at: 0.5 }];
  const ends = [{ value: low, at: 0 }, { value: high, at: 1 }];
  const round = log
    ? scaleLog([Math.max(low, high / 1000), high], [0, 1]).ticks(6)
    : scaleLinear([low, high], [0, 1]).ticks(5);
  const ticks = [...ends];
  for (const value of round) {
    if (look.whole && !Number.isInteger(value)) continue;
    const at = share(value);
    if (value > low && ticks.every((tick) => Math.abs(tick.at - at) >= gap)) ticks.push({ value, at });
  }
  return ticks.sort((a, b) => a.at - b.at);
}

/** That an end of the scale stands for all that is beyond it. */
export function endSign({ beyond: [below, above] }: Continuous, at: number): string {
  return at === 0 && below ? '≤ ' : at === 1 && above ? '≥ ' : '';
}

/** The scale of a number: its colours, ticks, and how many samples lie where. */
export function Ramp({ look }: { look: Continuous }): JSX.Element {
  const values = column(colourBy.value).data.value?.values ?? [];
  const counts = scaleHistogram(values, shownMask.value, look.share, BINS);
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const panel = useRef<HTMLDivElement>(null);
  const [, room] = useSize(panel);
  const left = room - AROUND - (look.missing > 0 ? MISSING_ROW : 0);
  const tall = Math.round(Math.min(TALLEST, Math.max(LEAST_HEIGHT, left)));
  const y = (at: number): number => 6 + tall * (1 - at);
  const ticks = rampTicks(look, 16 / tall);
  const unit = look.unit ? ` ${look.unit}` : '';
  const said = `From ${formatValue(look.low)} to ${formatValue(look.high)}${unit}`;
  return (
    <div class="ramp" ref={panel}>
      {colourBy.value === 'loss' && (
        <Segmented
          label="Scale of the loss"
          value={lossScale.value}
          options={[{ value: 'linear', label: 'Linear' }, { value: 'log', label: 'Log', title: 'By log(1 + 100 (loss - lowest))' }]}
          onChange={(scale) => (lossScale.value = scale)}
        />
      )}
      {look.unit && <span class="caption">{look.unit}</span>}
      <svg class="chart" width="100%" height={tall + 12} role="img" aria-label={said}>
        {Array.from({ length: STRIPES }, (_, k) => (
          <rect key={k} x={0} width={14} y={y((k + 1) / STRIPES)} height={tall / STRIPES + 0.5} fill={look.shade((k + 0.5) / STRIPES)} />
        ))}
        <rect class="ramp-edge" x={0.5} width={13} y={y(1)} height={tall} />
        {ticks.map(({ value, at }) => (
          <g key={value}>
            <line class="gridline" x1={14} x2={18} y1={y(at)} y2={y(at)} />
            <text x={22} y={y(at) + 4}>{endSign(look, at)}{formatValue(Number(value.toPrecision(3)))}</text>
          </g>
        ))}
        <g class="wide">
          {Array.from(counts, (count, k) => (
            <rect key={k} class="ramp-bar" x={84} y={y((k + 1) / BINS) + 0.5} width={count ? Math.max(1, 110 * Math.sqrt(count / most)) : 0} height={tall / BINS - 1}>
              <title>{formatCount(count)} samples</title>
            </rect>
          ))}
        </g>
      </svg>
      {look.missing > 0 && (
        <button
          type="button"
          class={hiddenClasses.value.has(MISSING) ? 'legend-toggle off' : 'legend-toggle'}
          aria-pressed={!hiddenClasses.value.has(MISSING)}
          title="Click: show or hide"
          onClick={() => (hiddenClasses.value = toggled(hiddenClasses.value, MISSING))}
        >
          <span class="swatch hatched missing" aria-hidden="true" />
          <span class="ellipsis">{look.lacking}</span>
          <span class="number muted">{formatCount(look.missing)}</span>
        </button>
      )}
    </div>
  );
}
