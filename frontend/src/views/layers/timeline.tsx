import { type JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Channels } from '../../api';
import { HoverCard } from '../../elements/hover_card';
import { useSize } from '../../elements/use_size';
import { formatValue } from '../../format';
import { channelAt, goToStep, moveStep } from '../../store';
import { FIGURES, type Figure, type Finding, type Timeline as Values, findingOf } from './channel_model';
import { AXIS, type TimelinePicture, cellUnder, drawTimeline, layoutTimeline } from './draw_timeline';
import { useInk } from './ink';
import { type TileInk } from './tiles';

export type TimelinePainter = () => { canvas: HTMLCanvasElement; ink: TileInk } | null;

export interface TimelineProps {
  data: Channels;
  figure: Figure;
  values: Values;
  order: readonly number[];
  findings: readonly Finding[];
  waiting: boolean;
  painter: { current: TimelinePainter | null };
}

interface Pointed {
  row: number;
  column: number;
  x: number;
  y: number;
}

/** Channels over the epochs: a click chooses a channel, a double click its epoch as well. */
export function Timeline({ data, figure, values, order, findings, waiting, painter }: TimelineProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = useSize(box);
  const [scroll, setScroll] = useState(0);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const ink = useInk(box);
  const { steps, nChannels, step } = data;
  const layout = useMemo(() => layoutTimeline(width, height, nChannels, steps.length), [width, height, nChannels, steps.length]);
  const picture = useMemo((): TimelinePicture => ({ timeline: values, order, steps, marked: (channel) => findingOf(findings, channel) }), [values, order, steps, findings]);
  const ratio = devicePixelRatio || 1;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && ink && width > 0) drawTimeline(context, picture, layout, scroll, ink, ratio);
  }, [picture, layout, scroll, ink, ratio, width]);
  painter.current = () => ink && { canvas: portrait(picture, layout.left + 640, nChannels, ink), ink };
  const chosen = channelAt.value === null ? -1 : order.indexOf(channelAt.value);
  const inSight = height - AXIS;
  useEffect(() => {
    const element = box.current;
    if (!element || chosen < 0 || inSight <= 0) return;
    const top = chosen * layout.rowHeight;
    element.scrollTop = Math.max(top + layout.rowHeight - inSight, Math.min(top, element.scrollTop));
  }, [chosen, layout]);
  const point = (event: MouseEvent): Pointed | null => {
    const outer = box.current!.getBoundingClientRect();
    const [x, y] = [event.clientX - outer.left, event.clientY - outer.top];
    const found = cellUnder(layout, scroll, nChannels, steps.length, x, y);
    return found && { ...found, x, y };
  };
  const choose = (row: number): void => void (channelAt.value = order[Math.min(nChannels - 1, Math.max(0, row))] ?? null);
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -nChannels, End: nChannels }[event.key];
    const epoch = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) choose(chosen < 0 ? 0 : chosen + by);
    else if (epoch !== undefined) moveStep(epoch);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = steps.indexOf(step);
  const name = FIGURES.find((entry) => entry.name === figure)?.label ?? figure;
  const value = (row: number, column: number): string => formatValue(Number(values.values[column * nChannels + order[row]!]!.toPrecision(4)));
  const hovered = pointed && pointed.row < nChannels && pointed.column < steps.length ? pointed : null;
  const bottom = Math.min(inSight, layout.total - scroll);
  return (
    <div
      class={waiting ? 'timeline waiting' : 'timeline'}
      ref={box}
      tabIndex={0}
      role="application"
      aria-busy={waiting}
      aria-label={`${name} of ${nChannels} channels over ${steps.length} epochs: up and down choose a channel, left and right the epoch`}
      onKeyDown={press}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
      onPointerMove={(event) => setPointed(point(event))}
      onPointerLeave={() => setPointed(null)}
      onClick={(event) => {
        const found = point(event);
        if (found) choose(found.row);
      }}
      onDblClick={(event) => {
        const found = point(event);
        if (found) goToStep(steps[found.column]!);
      }}
    >
      <div class="timeline-rows" style={{ height: `${layout.total + AXIS}px` }}>
        <div class="timeline-sight" style={{ height: `${height}px` }}>
          <canvas ref={canvas} width={Math.round(width * ratio)} height={Math.round(height * ratio)} style={{ width: `${width}px`, height: `${height}px` }} />
          {at >= 0 && <span class="timeline-epoch" style={{ left: `${layout.left + at * layout.cellWidth}px`, width: `${layout.cellWidth}px`, height: `${Math.max(0, bottom)}px` }} />}
          {chosen >= 0 && (
            <span class="timeline-channel" style={{ top: `${chosen * layout.rowHeight - scroll}px`, left: `${layout.left}px`, width: `${layout.cellWidth * steps.length}px`, height: `${layout.rowHeight}px` }} />
          )}
          {hovered && (
            <HoverCard x={hovered.x} y={hovered.y} width={width} height={height}>
              <span class="muted">channel</span><b>{order[hovered.row]}{findingOf(findings, order[hovered.row]!) ? `, ${findingOf(findings, order[hovered.row]!)} at epoch ${step}` : ''}</b>
              <span class="muted">epoch</span><b>{steps[hovered.column]}</b>
              <span class="muted">{name}</span><b>{value(hovered.row, hovered.column)}</b>
            </HoverCard>
          )}
        </div>
      </div>
      <span class="visually-hidden" role="status">{chosen >= 0 && at >= 0 ? `Channel ${order[chosen]}, epoch ${step}, ${name} ${value(chosen, at)}` : ''}</span>
    </div>
  );
}

/** All rows, at twice their size. */
function portrait(picture: TimelinePicture, width: number, channels: number, ink: TileInk): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const height = Math.max(4, Math.min(18, Math.floor(8000 / channels))) * channels + AXIS;
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const context = canvas.getContext('2d');
  if (context) drawTimeline(context, picture, layoutTimeline(width, height, channels, picture.steps.length), 0, ink, 2);
  return canvas;
}
