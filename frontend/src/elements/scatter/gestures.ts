import { type Polygon, boxOf } from '../../draw/lasso';

/** A pointer that moved less, in CSS pixels, has clicked. */
const CLICK_SLACK = 4;
const KEY_PAN = 40;
const KEY_ZOOM = 1.25;
/** Corners of a lasso are at least so far apart. */
const LASSO_STEP = 3;

/** What dragging does. */
export type Tool = 'pan' | 'lasso' | 'box';
/** What becomes of the selection: Shift adds to it, Alt removes from it. */
export type Joining = 'replace' | 'add' | 'remove';

/** A picture that gestures move: a plot, or images. */
export interface Steered {
  panBy(dx: number, dy: number): void;
  zoomBy(factor: number, px?: number, py?: number): void;
  fit(): void;
  pickAt(px: number, py: number): number | null;
}

export interface GestureEvents {
  hover(index: number | null): void;
  focus(index: number): void;
  /** Without it dragging pans. */
  tool?(): Tool;
  /** The line of a lasso or box under way; null once it has ended. */
  outline?(line: Polygon | null): void;
  enclose?(line: Polygon, joining: Joining): void;
}

interface Drag {
  x: number;
  y: number;
  dragging: boolean;
  tool: Tool;
  /** Where it began, and a lasso's corners from there on. */
  line: number[];
}

/** What a key does to the plot that has the keyboard's focus; false where it is not one of ours. */
export function plotKey(plot: Steered, key: string): boolean {
  const pans: Record<string, readonly [number, number]> = {
    ArrowLeft: [KEY_PAN, 0],
    ArrowRight: [-KEY_PAN, 0],
    ArrowUp: [0, KEY_PAN],
    ArrowDown: [0, -KEY_PAN],
  };
  const by = pans[key];
  if (by) plot.panBy(...by);
  else if (key === '+' || key === '=') plot.zoomBy(KEY_ZOOM);
  else if (key === '-' || key === '_') plot.zoomBy(1 / KEY_ZOOM);
  else if (key === 'f') plot.fit();
  else return false;
  return true;
}

/** Connects pointer, wheel and keyboard with a plot; the answer disconnects them. */
export function connectGestures(
  element: HTMLElement,
  plot: Steered,
  events: GestureEvents,
): () => void {
  const off = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    handle: (event: HTMLElementEventMap[K]) => void,
    passive = true,
  ): void => element.addEventListener(type, handle, { signal: off.signal, passive });
  const at = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  let down: Drag | null = null;
  const end = (): void => {
    if (down !== null && down.tool !== 'pan') events.outline?.(null);
    down = null;
    element.classList.remove('dragging');
  };
  const draw = (drag: Drag, event: PointerEvent): void => {
    const [x, y] = at(event);
    const [x0 = x, y0 = y] = drag.line;
    const [lx = x, ly = y] = drag.line.slice(-2);
    if (drag.tool === 'box') drag.line = [x0, y0, x, y];
    else if (Math.hypot(x - lx, y - ly) >= LASSO_STEP) drag.line.push(x, y);
    events.outline?.(lineOf(drag));
  };

  on('pointerdown', (event) => {
    if (event.button !== 0 || isControl(event.target, element)) return;
    const tool = events.tool?.() ?? 'pan';
    down = { x: event.clientX, y: event.clientY, dragging: false, tool, line: at(event) };
    element.setPointerCapture(event.pointerId);
  });
  on('pointermove', (event) => {
    if (down === null) {
      events.hover(isControl(event.target, element) ? null : plot.pickAt(...at(event)));
      return;
    }
    const [dx, dy] = [event.clientX - down.x, event.clientY - down.y];
    if (!down.dragging && Math.hypot(dx, dy) < CLICK_SLACK) return;
    if (!down.dragging) events.hover(null);
    down.dragging = true;
    if (down.tool !== 'pan') return draw(down, event);
    plot.panBy(dx, dy);
    element.classList.add('dragging');
    [down.x, down.y] = [event.clientX, event.clientY];
  });
  on('pointerup', (event) => {
    const drag = down;
    end();
    if (drag?.dragging && drag.tool !== 'pan') events.enclose?.(lineOf(drag), joiningOf(event));
    const found = drag !== null && !drag.dragging ? plot.pickAt(...at(event)) : null;
    if (found !== null) events.focus(found);
  });
  on('pointercancel', end);
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || down === null || down.tool === 'pan') return;
    event.preventDefault();
    event.stopPropagation();
    end();
  };
  document.addEventListener('keydown', escape, { capture: true, signal: off.signal });
  on('pointerleave', () => events.hover(null));
  on('dblclick', (event) => {
    if (!isControl(event.target, element) && plot.pickAt(...at(event)) === null) plot.fit();
  });
  on('wheel', (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    plot.zoomBy(Math.exp(-event.deltaY * lines * 0.0015), ...at(event));
  }, false);
  on('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !plotKey(plot, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }, false);
  return () => off.abort();
}

function lineOf({ tool, line }: Drag): Polygon {
  const [x0 = 0, y0 = 0, x1 = x0, y1 = y0] = line;
  return tool === 'box' ? boxOf(x0, y0, x1, y1) : line;
}

function joiningOf({ shiftKey, altKey }: MouseEvent): Joining {
  if (altKey) return 'remove';
  return shiftKey ? 'add' : 'replace';
}

function isControl(target: EventTarget | null, element: HTMLElement): boolean {
  const hit = target instanceof Element ? target.closest('button, a, select, input') : null;
  return hit !== null && element.contains(hit);
}
