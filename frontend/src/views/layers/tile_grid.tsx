import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Scale } from '../../draw/ramp';
import { IconButton } from '../../elements/button';
import { HoverCard } from '../../elements/hover_card';
import { useSize } from '../../elements/use_size';
import { formatCount } from '../../format';
import { useInk } from './ink';
import { type Tile, type TileInk, type TileLayout, drawTiles, fitTiles, hasNaN, tilePlace, valueUnder } from './tiles';

/** The page of tiles as it stands, at twice its size. */
export type GridPainter = () => { canvas: HTMLCanvasElement; ink: TileInk; range: string } | null;

export interface TileGridProps {
  label: string;
  /** What there is many of: `filters`. */
  noun: string;
  count: number;
  /** The same function as long as its tiles are the same. */
  tile(k: number): Tile;
  rasterWidth: number;
  rasterHeight: number;
  /** Wanted side of a tile in CSS pixels; null: one tile a page. */
  side: number | null;
  /** Tiles that belong together stand in one row where they fit. */
  group?: number;
  scale: Scale;
  chosen: number | null;
  onChoose(k: number): void;
  onOpen?(k: number): void;
  /** What is told of a value. */
  told(k: number, x: number, y: number): readonly [string, string][];
  waiting: boolean;
  painter: { current: GridPainter | null };
  /** Stands in the foot beside the pages. */
  children?: ComponentChildren;
}

interface Pointed {
  k: number;
  x: number;
  y: number;
  px: number;
  py: number;
}

/** As many tiles as fit, a page at a time; arrows walk over all of them. */
export function TileGrid(props: TileGridProps): JSX.Element {
  const { count, tile, scale, chosen } = props;
  const body = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = useSize(body);
  const ink = useInk(body);
  const [start, setStart] = useState(0);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const layout = useMemo(
    () => fitTiles(width, height, props.rasterWidth, props.rasterHeight, props.side, count, props.group),
    [width, height, props.rasterWidth, props.rasterHeight, props.side, count, props.group],
  );
  const page = Math.floor(Math.min(start, Math.max(0, count - 1)) / layout.capacity);
  const first = page * layout.capacity;
  const last = Math.min(count, first + layout.capacity);
  const tiles = useMemo(() => Array.from({ length: width > 0 ? last - first : 0 }, (_, k) => tile(first + k)), [tile, first, last, width > 0]);
  const nan = useMemo(() => tiles.some(hasNaN), [tiles]);
  const ratio = devicePixelRatio || 1;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !ink) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    drawTiles(context, tiles, layout, scale, ink, ratio);
  }, [tiles, layout, scale, ink, ratio, width, height]);
  useEffect(() => {
    if (chosen !== null && (chosen < first || chosen >= last)) setStart(chosen);
  }, [chosen, layout.capacity]);
  const from = formatCount(first + 1) + (last > first + 1 ? `–${formatCount(last)}` : '');
  const range = layout.capacity < count ? `${from} of ${formatCount(count)} ${props.noun}` : `${formatCount(count)} ${props.noun}`;
  props.painter.current = () => ink && { canvas: portrait(tiles, layout, scale, ink), ink, range };
  const point = (event: PointerEvent): void => {
    const box = body.current!.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const found = valueUnder(layout, px, py);
    setPointed(found && first + found.tile < last ? { k: first + found.tile, x: found.x, y: found.y, px, py } : null);
  };
  const press = (event: KeyboardEvent): void => {
    const by = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -layout.columns, ArrowDown: layout.columns,
      PageUp: -layout.capacity, PageDown: layout.capacity, Home: -count, End: count,
    }[event.key];
    if (by !== undefined) props.onChoose(chosen === null ? first : Math.min(count - 1, Math.max(0, chosen + by)));
    else if (event.key === 'Enter' && chosen !== null && props.onOpen) props.onOpen(chosen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const turn = (to: number): void => {
    setStart(to);
    if (layout.capacity === 1) props.onChoose(to);
  };
  const marked = props.side !== null && chosen !== null && chosen >= first && chosen < last ? tilePlace(layout, chosen - first) : null;
  return (
    <>
      <div
        class={props.waiting ? 'tile-grid waiting' : 'tile-grid'}
        ref={body}
        tabIndex={0}
        role="application"
        aria-busy={props.waiting}
        aria-label={`${props.label}: arrows choose${props.onOpen ? ', Enter enlarges' : ''}`}
        onKeyDown={press}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
        onClick={() => pointed && props.onChoose(pointed.k)}
        onDblClick={() => pointed && props.onOpen?.(pointed.k)}
        style={{ cursor: pointed ? 'pointer' : 'default' }}
      >
        <canvas ref={canvas} width={Math.round(width * ratio)} height={Math.round(height * ratio)} style={{ width: `${width}px`, height: `${height}px` }} />
        {marked && <span class="tile-ring" style={{ left: `${marked[0]}px`, top: `${marked[1]}px`, width: `${layout.width}px`, height: `${layout.height}px` }} />}
        {pointed && pointed.k < count && (
          <HoverCard x={pointed.px} y={pointed.py} width={width} height={height}>
            {props.told(pointed.k, pointed.x, pointed.y).map(([name, value]) => (
              <>
                <span class="muted">{name}</span>
                <b>{value}</b>
              </>
            ))}
          </HoverCard>
        )}
        <span class="visually-hidden" role="status">{chosen !== null && chosen < count ? `${tile(chosen).caption} ${tile(chosen).value ?? ''}` : ''}</span>
      </div>
      <footer class="panel-foot tile-foot">
        {layout.capacity < count && <IconButton small icon="previous" label="Previous page" disabled={page === 0} onClick={() => turn(first - layout.capacity)} />}
        <span>{range}</span>
        {layout.capacity < count && <IconButton small icon="next" label="Next page" disabled={last >= count} onClick={() => turn(last)} />}
        {layout.scale < 1 && <span>· each at {Math.round(100 * layout.scale)}%</span>}
        <span class="grow" />
        {nan && <NanKey />}
        {props.children}
      </footer>
    </>
  );
}

/** Entry of the legend for what is not a number. */
export function NanKey(): JSX.Element {
  return <span class="nan-key"><i class="hatched" />NaN</span>;
}

function portrait(tiles: readonly Tile[], layout: TileLayout, scale: Scale, ink: TileInk): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const [, bottom] = tilePlace(layout, Math.max(0, tiles.length - 1));
  canvas.width = 2 * (Math.min(layout.columns, Math.max(1, tiles.length)) * layout.stepX + 10);
  canvas.height = 2 * (bottom + layout.stepY);
  const context = canvas.getContext('2d');
  if (context) {
    context.fillStyle = ink.ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    drawTiles(context, tiles, layout, scale, ink, 2);
  }
  return canvas;
}
