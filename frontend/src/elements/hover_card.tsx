import { type ComponentChildren, type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface HoverCardProps {
  /** The point it belongs to, in pixels of the positioned ancestor. */
  x: number;
  y: number;
  /** Size of that ancestor. */
  width: number;
  height: number;
  children: ComponentChildren;
}

const GAP = 14;

/** Beside the pointer, on the side where there is room. */
export function HoverCard({ x, y, width, height, children }: HoverCardProps): JSX.Element {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = card.current;
    if (!element) return;
    const left = x + GAP + element.offsetWidth > width ? x - GAP - element.offsetWidth : x + GAP;
    const top = y + GAP + element.offsetHeight > height ? y - GAP - element.offsetHeight : y + GAP;
    element.style.left = `${Math.max(0, left)}px`;
    element.style.top = `${Math.max(0, top)}px`;
  });
  return (
    <div class="hover-card" ref={card} role="tooltip">
      {children}
    </div>
  );
}
