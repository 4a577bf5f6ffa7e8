import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { useSize } from '../../elements/use_size';
import { formatCount } from '../../format';
import { type Change, type Kind, classStyles, payload } from '../../store';
import { type Band, type Stack, bandsOf } from './change_layout';
import { type Changes, KINDS } from './change_model';

const NAMES = 116;
const NARROW_NAMES = 84;
const HEAD = 22;
const FOOT = 20;
const BAR = 6;

export interface FlowProps {
  changes: Changes;
  order: ArrayLike<number>;
  chosen: readonly Change[];
  onChoose(change: Partial<Change>, add: boolean): void;
  svgRef: { current: SVGSVGElement | null };
}

/** Bands from what was predicted at one epoch to what is at the other. */
export function FlowPicture({ changes, order, chosen, onChoose, svgRef }: FlowProps): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const names = width > 480 ? NAMES : NARROW_NAMES;
  const layout = useMemo(() => bandsOf(changes.flows, order, Math.max(40, height - HEAD - FOOT)), [changes, order, height]);
  const [from, to] = [names + BAR, width - names - BAR];
  const isChosen = (band: Band): boolean => chosen.some((one) =>
    one.label === null && one.before === band.before && one.after === band.after && (one.kind === null || one.kind === band.kind));
  return (
    <div class="flow-picture" ref={body}>
      {width > 0 && (
        <svg ref={svgRef} width={width} height={height} role="group" aria-label={`Predictions that changed from epoch ${changes.from} to epoch ${changes.to}`}>
          <defs>
            <pattern id="flow-lost" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="flow-hatch" width="3" height="5" /></pattern>
            <pattern id="flow-other" width="5" height="5" patternUnits="userSpaceOnUse"><circle class="flow-dot" cx="2.500" cy="2.500" r="1.100" /></pattern>
          </defs>
          <text class="muted" x={names} y={13} text-anchor="end">epoch {changes.from}</text>
          <text class="muted" x={width - names} y={13}>epoch {changes.to}</text>
          <g transform={`translate(0 ${HEAD})`}>
            {layout.bands.map((band) => (
              <path
                key={`${band.before} ${band.after} ${band.kind}`}
                class={isChosen(band) ? `flow ${band.kind} chosen` : `flow ${band.kind}`}
                d={pathOf(band, from, to)}
                role="button"
                tabIndex={0}
                aria-pressed={isChosen(band)}
                aria-label={wordsOf(band)}
                onClick={(event) => choose(band, event.shiftKey)}
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' && event.key !== ' ') return;
                  event.preventDefault();
                  choose(band, event.shiftKey);
                }}
              >
                <title>{wordsOf(band)}</title>
              </path>
            ))}
            {layout.before.map((stack) => <End key={stack.index} stack={stack} x={names} side="before" onChoose={onChoose} width={names} />)}
            {layout.after.map((stack) => <End key={stack.index} stack={stack} x={width - names - BAR} side="after" onChoose={onChoose} width={names} />)}
          </g>
          <text class="muted" x={width / 2} y={height - 5} text-anchor="middle">
            {layout.undrawn > 0 ? `${formatCount(layout.undrawn)} samples in smaller flows are not drawn: the list has them` : 'a band is as high as samples went that way'}
          </text>
        </svg>
      )}
    </div>
  );

  function choose({ before, after, kind }: Band, add: boolean): void {
    onChoose({ before, after, kind }, add);
  }
}

function pathOf({ y0, y1, height }: Band, from: number, to: number): string {
  const middle = (from + to) / 2;
  const thick = Math.max(0.75, height);
  const edge = (a: number, b: number, end: number): string => `C ${middle} ${a} ${middle} ${b} ${end} ${b}`;
  return `M ${from} ${y0} ${edge(y0, y1, to)} L ${to} ${y1 + thick} ${edge(y1 + thick, y0 + thick, from)} Z`;
}

export const className = (index: number): string => payload.value?.manifest.class_names[index] ?? 'no prediction';
export const kindWords = (kind: Kind): string => KINDS.find((entry) => entry.kind === kind)!.title;

function wordsOf({ before, after, kind, count }: Band): string {
  return `${className(before)} → ${className(after)}: ${formatCount(count)} ${count === 1 ? 'sample' : 'samples'}, ${kindWords(kind)}`;
}

interface EndProps {
  stack: Stack;
  x: number;
  /** Room for the name. */
  width: number;
  side: 'before' | 'after';
  onChoose: FlowProps['onChoose'];
}

/** A class at one side: its bar, name, and how many samples left it or came to it. */
function End({ stack, x, side, width, onChoose }: EndProps): JSX.Element {
  const { index, count, y, height } = stack;
  const look = classStyles.value[index];
  const left = side === 'before';
  const middle = y + height / 2 + 4;
  const words = `${className(index)}: ${formatCount(count)} ${left ? 'left' : 'came'}`;
  const most = Math.floor((width - 44) / 6.2);
  const name = className(index);
  return (
    <g class="flow-end" role="button" tabindex={0} aria-label={words} onClick={pick} onKeyDown={(event) => event.key === 'Enter' && onChoose({ [side]: index }, event.shiftKey)}>
      <title>{words}</title>
      <rect class="hit" x={left ? 0 : x} y={y} width={width + BAR} height={height} />
      <rect class={look?.hollow ? 'bar hollow' : 'bar'} x={x + 0.5} y={y} width={BAR - 1} height={height} style={{ '--hue': look?.color ?? 'var(--control)' }} />
      <text x={left ? x - 6 : x + BAR + 6} y={middle} text-anchor={left ? 'end' : 'start'}>
        {left ? `${cutAt(name, most)} ` : ''}<tspan class="muted">{formatCount(count)}</tspan>{left ? '' : ` ${cutAt(name, most)}`}
      </text>
    </g>
  );

  function pick(event: MouseEvent): void {
    onChoose({ [side]: index }, event.shiftKey);
  }
}

const cutAt = (text: string, most: number): string => (text.length > most ? `${text.slice(0, Math.max(1, most - 1)).trimEnd()}…` : text);
