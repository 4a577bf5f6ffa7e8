import { type JSX } from 'preact';
import './splitter.css';

export interface SplitterProps {
  label: string;
  /** Height of what is above, in pixels, and its bounds. */
  value: number;
  min: number;
  max: number;
  onChange(value: number): void;
  /** Back to the height that the page chooses. */
  onReset(): void;
}

const KEY_STEP = 24;

/** A bar between two rows that is dragged, or moved with the arrow keys. */
export function Splitter({ label, value, min, max, onChange, onReset }: SplitterProps): JSX.Element {
  const set = (wanted: number): void => onChange(Math.round(Math.min(max, Math.max(min, wanted))));
  const press = (event: PointerEvent): void => {
    const bar = event.currentTarget as HTMLElement;
    const start = event.clientY;
    bar.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => set(value + moved.clientY - start);
    const stop = (): void => {
      bar.removeEventListener('pointermove', move);
      bar.removeEventListener('lostpointercapture', stop);
    };
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', stop);
  };
  const key = (event: KeyboardEvent): void => {
    const goal = {
      ArrowUp: value - KEY_STEP,
      ArrowDown: value + KEY_STEP,
      Home: min,
      End: max,
    }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(goal);
  };
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      title="Drag, or use the arrow keys; double-click for the height that fits"
      onPointerDown={press}
      onKeyDown={key}
      onDblClick={onReset}
    />
  );
}
