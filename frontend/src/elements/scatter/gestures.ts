/** A pointer that moved less, in CSS pixels, has clicked. */
const CLICK_SLACK = 4;
const KEY_PAN = 40;
const KEY_ZOOM = 1.25;

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
  let down: { x: number; y: number; dragging: boolean } | null = null;

  on('pointerdown', (event) => {
    if (event.button !== 0 || isControl(event.target, element)) return;
    down = { x: event.clientX, y: event.clientY, dragging: false };
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
    plot.panBy(dx, dy);
    element.classList.add('dragging');
    down = { x: event.clientX, y: event.clientY, dragging: true };
  });
  on('pointerup', (event) => {
    const clicked = down !== null && !down.dragging;
    down = null;
    element.classList.remove('dragging');
    const found = clicked ? plot.pickAt(...at(event)) : null;
    if (found !== null) events.focus(found);
  });
  on('pointercancel', () => {
    down = null;
    element.classList.remove('dragging');
  });
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

function isControl(target: EventTarget | null, element: HTMLElement): boolean {
  const hit = target instanceof Element ? target.closest('button, a, select, input') : null;
  return hit !== null && element.contains(hit);
}
