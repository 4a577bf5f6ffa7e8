import { type ComponentChildren, type JSX, type Ref } from 'preact';
import { useRef } from 'preact/hooks';
import { useSize } from '../../elements/use_size';

export interface UnitScale {
  x(share: number): number;
  y(share: number): number;
}

export interface UnitPlotProps {
  label: string;
  xTitle: string;
  yTitle: string;
  svgRef?: Ref<SVGSVGElement>;
  /** Shares where it was pressed. */
  onPick?(x: number, y: number): void;
  /** Room below the axis, for more of the caller's. */
  below?: number;
  children(scale: UnitScale): ComponentChildren;
}

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 12, 38];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** A square of two shares, as large as its place allows. */
export function UnitPlot(props: UnitPlotProps): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const { below = 0 } = props;
  const side = Math.max(40, Math.min(width - LEFT - RIGHT, height - TOP - BOTTOM - below));
  const x = (share: number): number => LEFT + share * side;
  const y = (share: number): number => TOP + (1 - share) * side;
  const crisp = (at: number): number => Math.round(at) + 0.5;
  const pick = (event: MouseEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    props.onPick?.((event.clientX - box.left - LEFT) / side, 1 - (event.clientY - box.top - TOP) / side);
  };
  return (
    <div class="unit-plot" ref={body}>
      {width > 0 && (
        <svg
          class="chart"
          ref={props.svgRef ?? null}
          role="img"
          aria-label={props.label}
          width={LEFT + side + RIGHT}
          height={TOP + side + BOTTOM + below}
          onClick={props.onPick && pick}
          style={props.onPick ? { cursor: 'crosshair' } : {}}
        >
          {TICKS.map((at) => (
            <g key={at}>
              <line class="gridline" x1={x(0)} x2={x(1)} y1={crisp(y(at))} y2={crisp(y(at))} />
              <line class="gridline" x1={crisp(x(at))} x2={crisp(x(at))} y1={y(1)} y2={y(0)} />
              <text x={x(0) - 6} y={y(at) + 4} text-anchor="end">{at}</text>
              {(side > 150 || at * 2 === Math.trunc(at * 2)) && <text x={x(at)} y={y(0) + 15} text-anchor="middle">{at}</text>}
            </g>
          ))}
          <text x={x(0.5)} y={y(0) + 32} text-anchor="middle">{props.xTitle}</text>
          <text transform={`translate(11 ${y(0.5)}) rotate(-90)`} text-anchor="middle">{props.yTitle}</text>
          {props.children({ x, y })}
        </svg>
      )}
    </div>
  );
}
