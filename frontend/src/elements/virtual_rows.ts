/** The rows of a long list that are in sight. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualItem {
  index: number;
}

export interface VirtualRows {
  items: readonly VirtualItem[];
  totalHeight: number;
  /** Where an item starts, below the head. */
  top(item: VirtualItem): number;
  /** Scrolls no further than needed. */
  scrollTo(index: number): void;
}

/** Rows beyond those in sight, on either side. */
const BEYOND = 6;

/** Follows the scrolling of `element`; `padding` is the height of the head that sticks at its top. */
export function useVirtualRows(
  element: { current: HTMLElement | null },
  count: number,
  rowHeight: number,
  padding: number,
): VirtualRows {
  const [[first, last], setRange] = useState<readonly [number, number]>([0, 0]);
  const watched = useRef<{ box: HTMLElement; stop(): void } | null>(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (watched.current?.box === box) return;
    watched.current?.stop();
    const look = (): void => {
      const from = Math.floor((box?.scrollTop ?? 0) / rowHeight);
      const to = Math.ceil(((box?.scrollTop ?? 0) + (box?.clientHeight ?? 0) - padding) / rowHeight);
      setRange((before) => (before[0] === from && before[1] === to ? before : [from, to]));
    };
    watched.current = box && { box, stop: watch(box, look) };
  });
  useEffect(() => () => watched.current?.stop(), []);
  const from = Math.max(0, Math.min(first, count) - BEYOND);
  const to = Math.min(count, last + BEYOND);
  return {
    items: Array.from({ length: Math.max(0, to - from) }, (_, k) => ({ index: from + k })),
    totalHeight: count * rowHeight,
    top: ({ index }) => index * rowHeight,
    scrollTo: (index) => {
      const box = element.current;
      if (!box) return;
      const highest = (index + 1) * rowHeight - (box.clientHeight - padding);
      box.scrollTop = Math.max(highest, Math.min(index * rowHeight, box.scrollTop));
    },
  };
}

function watch(box: HTMLElement, look: () => void): () => void {
  const observer = new ResizeObserver(look);
  observer.observe(box);
  box.addEventListener('scroll', look, { passive: true });
  look();
  return () => {
    observer.disconnect();
    box.removeEventListener('scroll', look);
  };
}
