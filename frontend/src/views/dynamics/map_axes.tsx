import { type ReadonlySignal } from '@preact/signals';
import { scaleLinear } from 'd3-scale';
import { type JSX, type RefObject } from 'preact';
import { type Viewport, toScreen } from '../../draw/viewport';
import { formatCount } from '../../format';
import { selected, shownMask } from '../../store';
import { AMBIGUOUS_FROM, EASY_FROM, MOST_VARIABILITY, REGIONS, membersOfRegion, shownRange } from './cartography_model';
import { places, regions } from './map_state';

/** Room for the axes, in CSS pixels. */
export const [LEFT, BOTTOM, TOP, RIGHT] = [46, 38, 6, 1];
const TICK = 4;
/** Where the regions' names stand, beyond what any sample reaches: variability, confidence, side of it. */
const NAMES = [
  { at: [AMBIGUOUS_FROM, 1], anchor: 'start', arrow: '←' },
  { at: [MOST_VARIABILITY, 0.94], anchor: 'end', arrow: '↙' },
  { at: [AMBIGUOUS_FROM, 0], anchor: 'start', arrow: '←' },
] as const;

export interface MapAxesProps {
  viewport: ReadonlySignal<Viewport | null>;
  aspect: number;
  svg: RefObject<SVGSVGElement | null>;
}

/** Axes, regions and the limit of what is possible, over and beside the plot. */
export function MapAxes({ viewport, aspect, svg }: MapAxesProps): JSX.Element | null {
  const seen = viewport.value;
  if (!seen) return null;
  const { width, height } = seen;
  const at = (variability: number, confidence: number): [number, number] => {
    const [x, y] = toScreen(seen, (variability / MOST_VARIABILITY) * aspect, confidence);
    return [LEFT + x, TOP + y];
  };
  const range = shownRange(seen, aspect);
  const xTicks = scaleLinear(range.x, [0, 1]).ticks(Math.max(2, Math.floor(width / 72)));
  const yTicks = scaleLinear(range.y, [0, 1]).ticks(Math.max(2, Math.floor(height / 48)));
  const line = (...points: [number, number][]): string => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
  const [[x0, bottom], [x1, middle], [, top]] = [at(0, 0), at(MOST_VARIABILITY, 0.5), at(0, 1)];
  const low = (1 - Math.sqrt(1 - 4 * AMBIGUOUS_FROM ** 2)) / 2;
  return (
    <svg class="chart map-axes" ref={svg} width={LEFT + width + RIGHT} height={TOP + height + BOTTOM}>
      <clipPath id="map-clip"><rect x={LEFT} y={TOP} width={width} height={height} /></clipPath>
      <g clip-path="url(#map-clip)">
        <path class="map-limit" d={`M${x0} ${bottom}A${x1 - x0} ${bottom - middle} 0 0 0 ${x0} ${top}`}>
          <title>Beyond this no sample can lie: variability² ≤ confidence (1 − confidence)</title>
        </path>
        <path class="map-border" d={`${line(at(AMBIGUOUS_FROM, low), at(AMBIGUOUS_FROM, 1 - low))}${line(at(0, EASY_FROM), at(AMBIGUOUS_FROM, EASY_FROM))}`} />
        {NAMES.map(({ at: [variability, confidence], anchor, arrow }, region) => (
          <Name key={region} region={region} at={at(variability, confidence)} anchor={anchor} arrow={arrow} />
        ))}
      </g>
      {xTicks.map((value) => {
        const [x] = at(value, 0);
        return <g key={`x${value}`}><path class="gridline" d={line([x, TOP + height], [x, TOP + height + TICK])} /><text x={x} y={TOP + height + 16} text-anchor="middle">{tickText(value)}</text></g>;
      })}
      {yTicks.map((value) => {
        const [, y] = at(0, value);
        return <g key={`y${value}`}><path class="gridline" d={line([LEFT - TICK, y], [LEFT, y])} /><text x={LEFT - TICK - 3} y={y + 4} text-anchor="end">{tickText(value)}</text></g>;
      })}
      <text class="map-title" x={LEFT + width / 2} y={TOP + height + 32} text-anchor="middle">variability: standard deviation of the label score</text>
      <text class="map-title" transform={`translate(11 ${TOP + height / 2}) rotate(-90)`} text-anchor="middle">confidence: mean label score</text>
    </svg>
  );
}

const tickText = (value: number): string => String(Number(value.toPrecision(6)));

interface NameProps {
  region: number;
  at: [number, number];
  anchor: 'start' | 'end';
  arrow: string;
}

/** A region's name with its count; a press selects its samples. */
function Name({ region, at: [x, y], anchor, arrow }: NameProps): JSX.Element {
  const count = regions.value?.counts[region] ?? 0;
  const choose = (): void => {
    const found = places.peek();
    if (found) selected.value = membersOfRegion(region, found.variability, found.confidence, shownMask.peek());
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    choose();
  };
  return (
    <text
      class="map-region"
      x={anchor === 'start' ? x + 8 : x}
      y={y + 4}
      text-anchor={anchor}
      role="button"
      tabindex={0}
      aria-label={`Select the ${formatCount(count)} ${REGIONS[region] ?? ''} samples`}
      onClick={choose}
      onKeyDown={key}
    >
      <title>Select these samples</title>
      {arrow} {REGIONS[region]} <tspan class="map-count">{formatCount(count)}</tspan>
    </text>
  );
}
