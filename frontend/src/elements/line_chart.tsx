import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { type JSX } from 'preact';

export interface Series {
  label: string;
  values: ArrayLike<number>;
  style: 'solid' | 'dashed' | 'muted';
}

/** The area between two lines. */
export interface Band {
  low: ArrayLike<number>;
  high: ArrayLike<number>;
}

export interface LineChartProps {
  label: string;
  /** Epochs, ascending; one value of each series belongs to each. */
  x: ArrayLike<number>;
  series: readonly Series[];
  /** Below the lines, the widest first. */
  bands?: readonly Band[];
  width: number;
  height: number;
  /** The epoch with the cursor; its dot sits on the first series. */
  cursor: number | null;
  /** What an epoch's press asks for. */
  onPick?(x: number): void;
  /** Ends of the y axis that hold even where the data is narrower. */
  include?: readonly number[];
  format?(value: number): string;
  /** Room at the left for the axis's numbers. */
  left?: number;
  /** The epochs stand evenly, above the cells of a strip as wide as the chart. */
  cells?: boolean;
  /** Room below the axis, for a strip of the caller's. */
  children?: JSX.Element;
}

const TOP = 8;
const RIGHT = 8;
const BOTTOM = 18;
const HALF_TICK = 10;

/** Lines over the epochs. A value that is not finite leaves a gap and a mark at the top. */
export function LineChart(props: LineChartProps): JSX.Element {
  const { width, height, left = 28, cursor, series } = props;
  const xs = Array.from(props.x);
  const x = xScale(xs, left, width, props.cells ?? false);
  const y = yScale(props);
  const path = line<[number, number]>(([at]) => x(at), ([, value]) => y(value)).defined(([, value]) => Number.isFinite(value));
  const filled = area<[number, number, number]>(([at]) => x(at), ([, low]) => y(low), ([, , high]) => y(high)).defined((ends) => ends.every(Number.isFinite));
  const points = (values: ArrayLike<number>): [number, number][] => xs.map((at, i) => [at, values[i] ?? NaN]);
  const format = props.format ?? y.tickFormat(4);
  const pick = (event: MouseEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const wanted = x.invert(event.clientX - box.left);
    const near = xs.reduce((best, at) => (Math.abs(at - wanted) < Math.abs(best - wanted) ? at : best), xs[0] ?? 0);
    props.onPick?.(near);
  };
  return (
    <svg
      class="chart"
      width={width}
      height={height}
      role="img"
      aria-label={describe(props, format)}
      onClick={props.onPick && pick}
      style={props.onPick ? { cursor: 'pointer' } : {}}
    >
      {y.ticks(Math.max(2, Math.floor((height - TOP - BOTTOM) / 24))).map((value) => (
        <g key={value}>
          <line class="gridline" x1={left} x2={width} y1={crisp(y(value))} y2={crisp(y(value))} />
          <text x={left - 6} y={y(value) + 4} text-anchor="end">{format(value)}</text>
        </g>
      ))}
      {xTicks(xs, width - left).map((at) => (
        <text key={`x${at}`} x={x(at)} y={height - 3} text-anchor={anchor(at, xs, x, left, width)}>{at}</text>
      ))}
      {props.bands?.map(({ low, high }, k) => (
        <path key={`b${k}`} class="band" d={filled(xs.map((at, i) => [at, low[i] ?? NaN, high[i] ?? NaN])) ?? ''} />
      ))}
      {[...series].reverse().map((entry) => (
        <g key={entry.label}>
          <path class={`line ${entry.style}`} d={path(points(entry.values)) ?? ''} />
          {lonely(points(entry.values)).map(([at, value]) => (
            <circle key={at} class="alone" cx={x(at)} cy={y(value)} r={2} />
          ))}
        </g>
      ))}
      {points(series[0]?.values ?? []).map(([at, value]) =>
        Number.isFinite(value) ? null : (
          <text key={`n${at}`} class="special" x={x(at)} y={TOP + 2} text-anchor="middle">
            {Number.isNaN(value) ? '×' : '∞'}
            <title>{`epoch ${at}: ${value}`}</title>
          </text>
        ),
      )}
      {cursor !== null && <line class="cursor" x1={x(cursor)} x2={x(cursor)} y1={TOP - 4} y2={height - BOTTOM} />}
      {cursor !== null && dot(x, y, cursor, xs, series[0])}
      {props.children}
    </svg>
  );
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

/** Where the epochs are; see `cells`. */
export function xScale(xs: readonly number[], left: number, width: number, cells: boolean): Scale {
  if (!cells || xs.length < 2) return scaleLinear(domain(xs, 1), [left, width - (cells ? 0 : RIGHT)]);
  const cell = (width - left) / xs.length;
  return scaleLinear(xs, xs.map((_, i) => left + cell * (i + 0.5)));
}

function yScale({ series, include = [], height }: LineChartProps): Scale {
  const all = series.flatMap(({ values }) => Array.from(values)).filter(Number.isFinite);
  const middle = Math.abs(all[0] ?? 0);
  return scaleLinear(domain([...all, ...include], middle || 1), [height - BOTTOM, TOP]).nice(4);
}

/** The ends of the values; around a single one, a tenth of `size` on both sides. */
function domain(values: readonly number[], size: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  return low === high ? [low - size / 10, high + size / 10] : [low, high];
}

/** Points without a neighbour, which a line cannot show. */
function lonely(points: readonly [number, number][]): [number, number][] {
  const there = (i: number): boolean => Number.isFinite(points[i]?.[1] ?? NaN);
  return points.filter((_, i) => there(i) && !there(i - 1) && !there(i + 1));
}

/** Whole epochs that were logged, with the first and the last. */
function xTicks(xs: readonly number[], width: number): number[] {
  const [first, last] = [xs[0], xs.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (first === last) return [first];
  const wanted = scaleLinear([first, last], [0, width]).ticks(Math.max(1, Math.floor(width / 60)));
  const far = (at: number): boolean => Math.min(at - first, last - at) / (last - first) > 32 / width;
  return [first, ...wanted.filter((at) => Number.isInteger(at) && far(at)), last];
}

/** Centred where half of three digits has room to both ends. */
function anchor(at: number, xs: readonly number[], x: Scale, left: number, width: number): 'start' | 'middle' | 'end' {
  if (Math.min(x(at) - left, width - x(at)) > HALF_TICK) return 'middle';
  return at === xs[0] ? 'start' : 'end';
}

const crisp = (position: number): number => Math.round(position) + 0.5;

function dot(x: Scale, y: Scale, cursor: number, xs: readonly number[], series: Series | undefined): JSX.Element | null {
  const value = series?.values[xs.indexOf(cursor)] ?? NaN;
  return Number.isFinite(value) ? <circle class="cursor-dot" cx={x(cursor)} cy={y(value)} r={3.5} /> : null;
}

function describe({ label, series, x, cursor }: LineChartProps, format: (value: number) => string): string {
  const at = cursor === null ? -1 : Array.from(x).indexOf(cursor);
  const values = series.map((entry) => `${entry.label} ${format(entry.values[at] ?? NaN)}`);
  return at < 0 ? label : `${label}; at epoch ${cursor}: ${values.join(', ')}`;
}
