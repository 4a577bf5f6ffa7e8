import { type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface EpochMark {
  step: number;
  /** A model is kept. */
  model: boolean;
  /** The lowest validation loss. */
  best: boolean;
  /** The learning rate is another than at the epoch before. */
  rate: boolean;
  /** EarlyStopping put back older weights. */
  restored: boolean;
  /** Lines of the hint. */
  hint: readonly string[];
}

export interface EpochSliderProps {
  marks: readonly EpochMark[];
  step: number | null;
  live: boolean;
  onMove(step: number): void;
}

const HEIGHT = 44;
const PAD = 10;
const LINE_Y = 25;

const STAR = starPath(5.5);

/** One tick for each logged epoch; moves only among those. */
export function EpochSlider({ marks, step, live, onMove }: EpochSliderProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const [hinted, setHinted] = useState<EpochMark | null>(null);
  const first = marks[0]?.step ?? 0;
  const last = marks.at(-1)?.step ?? 0;
  const x = (at: number): number => (last === first ? width / 2 : PAD + ((width - 2 * PAD) * (at - first)) / (last - first));
  const at = marks.findIndex((mark) => mark.step === step);
  const under = (event: PointerEvent): EpochMark | null => {
    const left = event.clientX - (root.current?.getBoundingClientRect().left ?? 0);
    return marks.reduce<EpochMark | null>(
      (best, mark) => (best === null || Math.abs(x(mark.step) - left) < Math.abs(x(best.step) - left) ? mark : best),
      null,
    );
  };
  const drag = (event: PointerEvent): void => {
    const mark = under(event);
    setHinted(mark);
    if (mark && event.buttons & 1 && mark.step !== step) onMove(mark.step);
  };
  const start = (event: PointerEvent): void => {
    root.current?.setPointerCapture(event.pointerId);
    drag(event);
  };
  const key = (event: KeyboardEvent): void => {
    const target = keyTarget(event.key, at, marks.length);
    const mark = target === null ? undefined : marks[target];
    if (!mark) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(mark.step);
  };
  return (
    <div
      class="slider"
      ref={root}
      role="slider"
      tabIndex={0}
      aria-label="Epoch"
      aria-valuemin={first}
      aria-valuemax={last}
      aria-valuenow={step ?? first}
      aria-valuetext={marks[at]?.hint.join(', ') ?? 'no epoch'}
      onPointerDown={start}
      onPointerMove={drag}
      onPointerLeave={() => setHinted(null)}
      onKeyDown={key}
    >
      <svg width={width} height={HEIGHT} aria-hidden="true">
        <line class="track" x1={x(first)} x2={x(last)} y1={LINE_Y} y2={LINE_Y} />
        {step !== null && <line class="done" x1={x(first)} x2={x(step)} y1={LINE_Y} y2={LINE_Y} />}
        {marks.map((mark) => <Marks key={mark.step} mark={mark} x={x(mark.step)} />)}
        {live && marks.length > 0 && <circle class="pulse" cx={x(last)} cy={LINE_Y} r={4} />}
        {step !== null && <circle class="handle" cx={x(step)} cy={LINE_Y} r={6} />}
      </svg>
      {hinted && (
        <div class="hint" style={{ top: '42px', left: `${x(hinted.step)}px`, transform: `translateX(${hintShift(x(hinted.step), width)})` }}>
          {hinted.hint.map((text) => <div key={text}>{text}</div>)}
        </div>
      )}
    </div>
  );
}

function Marks({ mark, x }: { mark: EpochMark; x: number }): JSX.Element {
  const left = Math.round(x);
  return (
    <>
      <line class="tick" x1={left + 0.5} x2={left + 0.5} y1={LINE_Y + 6} y2={LINE_Y + 10} />
      {mark.best && <path class="star" d={STAR} transform={`translate(${x} 6)`} />}
      {mark.model && <path class="mark" d="M0 -4L4 0L0 4L-4 0z" transform={`translate(${x} ${mark.best ? 15.5 : 12})`} />}
      {mark.rate && <path class="event" d="M-3.500 -2L0 2L3.500 -2" transform={`translate(${x} 39)`} />}
      {mark.restored && <path class="event" d="M3.500 -1.500A3.500 3.500 0 1 0 3.500 1.500M4.200 -4V-1.200H1.400" transform={`translate(${x} ${mark.rate ? 6 : 39})`} />}
    </>
  );
}

function keyTarget(key: string, at: number, count: number): number | null {
  const clamp = (position: number): number => Math.min(count - 1, Math.max(0, position));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return clamp(at - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return clamp(at + 1);
    case 'PageDown':
      return clamp(at - 10);
    case 'PageUp':
      return clamp(at + 10);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function hintShift(x: number, width: number): string {
  if (x < 80) return '-12px';
  return x > width - 80 ? 'calc(-100% + 12px)' : '-50%';
}

function useWidth(root: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!root.current) return undefined;
    const observer = new ResizeObserver((entries) => setWidth(entries[0]?.contentRect.width ?? 0));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, [root]);
  return width;
}

function starPath(radius: number): string {
  const point = (k: number): string => {
    const angle = -Math.PI / 2 + (k * Math.PI) / 5;
    const reach = k % 2 ? radius * 0.45 : radius;
    return `${(reach * Math.cos(angle)).toFixed(2)} ${(reach * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${Array.from({ length: 10 }, (_, k) => point(k)).join('L')}z`;
}
