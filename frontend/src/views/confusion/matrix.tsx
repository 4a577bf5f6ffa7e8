import { type JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Rgb, parseRgb } from '../../color';
import { ClassName } from '../../elements/swatch';
import { useSize } from '../../elements/use_size';
import { type Cell, classStyles, payload, theme } from '../../store';
import { type Look, type Picture, drawMarks, drawMatrix } from './draw';
import { type Layout, type Place, type Viewport, WHOLE, cellSide, clampView, layoutOf, mostZoom, moved, placeAt, reveal, zoomAt } from './layout';
import { AXES, type MatrixModel } from './model';

/** The matrix as it stands, for a picture of it. */
export type Painter = () => HTMLCanvasElement;

export interface MatrixProps {
  model: MatrixModel;
  painter: { current: Painter | null };
  /** Cells that are outlined; null stands for a whole row or column. */
  marked: readonly Cell[];
  onChoose(cell: Cell, add: boolean): void;
}

/** Cells, heads of rows and columns: pointed at, walked over by the arrows, and picked. */
export function Matrix({ model, painter, marked, onChoose }: MatrixProps): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const [view, setView] = useState<Viewport>(WHOLE);
  const [hovered, setHovered] = useState<Place | null>(null);
  const [key, setKey] = useState<Place | null>(null);
  const look = useLook(body, model.names);
  const layout = useMemo(() => {
    const longest = look ? Math.max(0, ...look.names.map((name) => widthOf(name, look.font))) : 0;
    return layoutOf(width, height, model.size, longest);
  }, [width, height, model.size, look]);
  useEffect(() => setView((last) => clampView(layout, last)), [layout]);
  const place = hovered ?? key;
  const ready = look !== null && width > 0 && layout.side > 0;
  const picture = useMemo(
    (): Picture | null => (ready ? { model, layout, view: clampView(layout, view), look, ratio: window.devicePixelRatio || 1 } : null),
    [ready, model, layout, view, look],
  );
  const under = useCanvas(picture, layout);
  const above = useCanvas(picture, layout);
  useLayoutEffect(() => paint(under.current, picture, drawMatrix), [picture]);
  useLayoutEffect(() => {
    const places = marks(marked, model);
    paint(above.current, picture, (context, now) => drawMarks(context, now, { hovered: place, keyed: place !== null && hovered === null, picked: places }));
  }, [picture, place, hovered, marked]);
  const choose = (place: Place, add: boolean): void => onChoose(cellAt(model, place), add);
  painter.current = () => portrait(picture, marks(marked, model));
  const gestures = usePointer({ body, layout, view, setView, setHovered, choose });
  const press = (event: KeyboardEvent): void => {
    const next = moved(key ?? { row: 0, column: -1 }, event.key, model.size, event.shiftKey ? 10 : 1);
    const zoom = { '+': 1.5, '=': 1.5, '-': 1 / 1.5 }[event.key];
    if (next) {
      setKey(next);
      setHovered(null);
      setView(reveal(layout, view, next));
    } else if (zoom && mostZoom(layout) > 1) {
      const cell = cellSide(layout, view);
      const at = key ?? { row: 0, column: 0 };
      setView(zoomAt(layout, view, zoom, layout.left + (at.column + 0.5 - view.x) * cell, layout.top + (at.row + 0.5 - view.y) * cell));
    } else if (event.key === 'Enter' && key) choose(key, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="matrix"
      ref={body}
      tabIndex={0}
      role="application"
      aria-label={`${model.title} of ${model.size} classes: arrows move, Enter selects, Shift+Enter adds${mostZoom(layout) > 1 ? ', plus and minus zoom' : ''}`}
      onKeyDown={press}
      onBlur={() => setKey(null)}
      onDblClick={() => setView(WHOLE)}
      style={{ cursor: hovered ? 'pointer' : 'default' }}
      {...gestures}
    >
      <canvas ref={under} />
      <canvas ref={above} />
      {place && look && (
        <div class="hover-card" role="tooltip" style={cardPlace(layout, view, place)}>
          <Told model={model} place={place} look={look} />
        </div>
      )}
      <span class="visually-hidden" role="status">{key && look ? said(model, key, look) : ''}</span>
      {view.zoom > 1 && (
        <button type="button" class="button small whole" onClick={() => setView(WHOLE)}>
          Whole matrix
        </button>
      )}
    </div>
  );
}

const context = (): CanvasRenderingContext2D | null => document.createElement('canvas').getContext('2d');
let measuring: CanvasRenderingContext2D | null | undefined;

function widthOf(text: string, font: string): number {
  measuring ??= context();
  if (!measuring) return 7 * text.length;
  measuring.font = `600 12px ${font}`;
  return Math.ceil(measuring.measureText(text).width);
}

/** The colours of the theme, read from the page's tokens. */
function useLook(element: { current: HTMLElement | null }, given?: readonly string[]): Look | null {
  const [look, setLook] = useState<Look | null>(null);
  const dark = theme.value === 'dark';
  const swatches = classStyles.value;
  const names = given ?? payload.value?.manifest.class_names;
  useLayoutEffect(() => {
    if (!element.current || !names) return;
    const style = getComputedStyle(element.current);
    const token = (name: string): Rgb => parseRgb(style.getPropertyValue(`--${name}`).trim());
    setLook({
      dark, names, swatches,
      surface: token('surface'), border: token('border'), mat: token('mat'), text: token('text'),
      muted: token('text-2'), faint: token('text-3'), accent: token('accent'), ring: token('ring'),
      font: style.fontFamily,
    });
  }, [dark, swatches, names]);
  return look;
}

function useCanvas(picture: Picture | null, { width, height }: Layout): { current: HTMLCanvasElement | null } {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ratio = picture?.ratio ?? 1;
  useLayoutEffect(() => {
    if (!canvas.current) return;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(height * ratio);
    canvas.current.style.width = `${width}px`;
    canvas.current.style.height = `${height}px`;
  }, [width, height, ratio]);
  return canvas;
}

function paint(
  canvas: HTMLCanvasElement | null,
  picture: Picture | null,
  draw: (context: CanvasRenderingContext2D, picture: Picture) => void,
): void {
  const context = canvas?.getContext('2d');
  if (context && picture) draw(context, picture);
}

/** Ground, matrix and marks on one canvas, at twice the size. */
function portrait(picture: Picture | null, places: readonly Place[]): HTMLCanvasElement {
  const canvas = (): HTMLCanvasElement => {
    const made = document.createElement('canvas');
    made.width = 2 * (picture?.layout.width ?? 0);
    made.height = 2 * (picture?.layout.height ?? 0);
    return made;
  };
  const out = canvas();
  const ground = out.getContext('2d');
  if (!picture || !ground) return out;
  ground.fillStyle = `rgb(${picture.look.surface.join(' ')})`;
  ground.fillRect(0, 0, out.width, out.height);
  const layers = [drawMatrix, (to: CanvasRenderingContext2D, now: Picture) => drawMarks(to, now, { hovered: null, keyed: false, picked: places })];
  for (const draw of layers) {
    const layer = canvas();
    paint(layer, { ...picture, ratio: 2 }, draw);
    ground.drawImage(layer, 0, 0);
  }
  return out;
}

function marks(cells: readonly Cell[], model: MatrixModel): Place[] {
  const place = (index: number | null): number => (index === null ? -1 : Array.prototype.indexOf.call(model.order, index));
  return cells.map(({ label, prediction }) => ({ row: place(label), column: place(prediction) }));
}

function cellAt({ order }: MatrixModel, { row, column }: Place): Cell {
  const index = (at: number): number | null => (at < 0 ? null : (order[at] ?? null));
  return { label: index(row), prediction: index(column) };
}

interface PointerOptions {
  body: { current: HTMLDivElement | null };
  layout: Layout;
  view: Viewport;
  setView(view: Viewport): void;
  setHovered(place: Place | null): void;
  choose(place: Place, add: boolean): void;
}

type Gestures = Record<'onPointerMove' | 'onPointerDown' | 'onPointerUp' | 'onPointerLeave', (event: PointerEvent) => void>;
const CLICK = 4;

/** A click picks, the wheel zooms, a drag moves what is zoomed. */
function usePointer({ body, layout, view, setView, setHovered, choose: chosen }: PointerOptions): Gestures {
  const drag = useRef<{ x: number; y: number; view: Viewport; far: boolean } | null>(null);
  const at = (event: MouseEvent): [number, number] => {
    const box = body.current!.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  useEffect(() => {
    const element = body.current;
    if (!element || mostZoom(layout) === 1) return undefined;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const next = zoomAt(layout, view, Math.exp(-event.deltaY / 300), ...at(event));
      setView(next);
      setHovered(placeAt(layout, next, ...at(event)));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [layout, view]);
  return {
    onPointerDown: (event) => {
      const [x, y] = at(event);
      drag.current = { x, y, view, far: false };
    },
    onPointerMove: (event) => {
      const [x, y] = at(event);
      const from = drag.current;
      if (from && event.buttons & 1) {
        from.far ||= Math.hypot(x - from.x, y - from.y) > CLICK;
        const cell = cellSide(layout, view);
        if (from.far && view.zoom > 1) {
          setHovered(null);
          setView(clampView(layout, { ...view, x: from.view.x - (x - from.x) / cell, y: from.view.y - (y - from.y) / cell }));
          return;
        }
      }
      setHovered(placeAt(layout, view, x, y));
    },
    onPointerUp: (event) => {
      const from = drag.current;
      drag.current = null;
      if (!from || from.far || (event.target as Element).closest('button')) return;
      const place = placeAt(layout, view, ...at(event));
      if (place) chosen(place, event.shiftKey);
    },
    onPointerLeave: () => setHovered(null),
  };
}

const CARD_GAP = 8;

/** Above or below the cell, where there is more room, so that it stays in sight itself. */
function cardPlace(layout: Layout, view: Viewport, { row, column }: Place): { [side: string]: string } {
  const cell = cellSide(layout, view);
  const [left, right] = column < 0 ? [0, layout.left] : [0, 1].map((k) => layout.left + (column + k - view.x) * cell);
  const [top, bottom] = row < 0 ? [0, layout.top] : [0, 1].map((k) => layout.top + (row + k - view.y) * cell);
  const start = left! + right! < layout.width;
  const below = top! + bottom! < layout.height;
  const px = (at: number): string => `${Math.max(0, at)}px`;
  return {
    [start ? 'left' : 'right']: px(start ? left! : layout.width - right!),
    [below ? 'top' : 'bottom']: px((below ? bottom! : layout.height - top!) + CARD_GAP),
  };
}

function Told({ model, place, look }: { model: MatrixModel; place: Place; look: Look }): JSX.Element {
  const named = (at: number): JSX.Element => {
    const index = model.order[at]!;
    return <ClassName look={look.swatches[index]} name={look.names[index] ?? ''} />;
  };
  const [row, column] = model.axes ?? AXES;
  return (
    <>
      {place.row >= 0 && <><span class="muted">{row}</span>{named(place.row)}</>}
      {place.column >= 0 && <><span class="muted">{column}</span>{named(place.column)}</>}
      {model.facts(place.row, place.column).map(([name, value]) => (
        <>
          <span class="muted">{name}</span>
          <b>{value}</b>
        </>
      ))}
    </>
  );
}

function said(model: MatrixModel, place: Place, look: Look): string {
  const name = (at: number): string => look.names[model.order[at]!] ?? '';
  const [row, column] = model.axes ?? AXES;
  const where = [place.row >= 0 && `${row} ${name(place.row)}`, place.column >= 0 && `${column} ${name(place.column)}`];
  return [...where.filter(Boolean), ...model.facts(place.row, place.column).map((fact) => fact.join(' '))].join(', ');
}
