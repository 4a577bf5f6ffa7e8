import { type JSX, type RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Completion } from './complete';
import { wordsOf } from './words';

const MOST_SHOWN = 100;
const HEIGHT = 232;

export interface CompletionsProps {
  completion: Completion;
  active: number;
  /** The painted line: its first layer has an element a word. */
  paint: RefObject<HTMLDivElement | null>;
  field: RefObject<HTMLInputElement | null>;
  onPick(k: number): void;
}

/** Suggestions at the word they are about: below the line, or above where there is more room. */
export function Completions({ completion, active, paint, field, onPick }: CompletionsProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = list.current;
    const line = field.current?.getBoundingClientRect();
    if (!box || !line) return;
    const words = wordsOf(field.current?.value ?? '');
    const k = words.findIndex(({ start }) => start === completion.from);
    const layer = paint.current?.firstElementChild as HTMLElement | null | undefined;
    const word = (layer?.children[k] as HTMLElement | undefined)?.offsetLeft ?? layer?.offsetWidth ?? 0;
    const scrolled = field.current?.scrollLeft ?? 0;
    const most = Math.min(line.right, innerWidth) - box.offsetWidth;
    const below = innerHeight - line.bottom >= Math.min(HEIGHT, line.top);
    box.style.left = `${Math.max(line.left, Math.min(line.left + word - scrolled, most))}px`;
    box.style.top = below ? `${line.bottom + 2}px` : 'auto';
    box.style.bottom = below ? 'auto' : `${innerHeight - line.top + 2}px`;
  });
  useLayoutEffect(() => list.current?.children[active]?.scrollIntoView({ block: 'nearest' }), [active]);
  const shown = completion.suggestions.slice(0, MOST_SHOWN);
  const more = completion.suggestions.length - shown.length;
  return (
    <div class="query-suggestions" id="query-suggestions" role="listbox" aria-label="Suggestions" ref={list}>
      {shown.map(({ label, detail }, k) => (
        <div
          key={k}
          id={`query-suggestion-${k}`}
          role="option"
          aria-selected={k === active}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(k);
          }}
        >
          <span class="mono">{label}</span>
          <span class="caption ellipsis">{detail}</span>
          {k === Math.max(0, active) && <kbd>{active < 0 ? 'Tab' : 'Enter'}</kbd>}
        </div>
      ))}
      {more > 0 && <div class="caption more">{more} more: type on to narrow them down</div>}
    </div>
  );
}
