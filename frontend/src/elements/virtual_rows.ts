/** The rows of a long list that are in sight. */

import {
  Virtualizer,
  type VirtualItem,
  elementScroll,
  observeElementOffset,
  observeElementRect,
} from '@tanstack/virtual-core';
import { useEffect, useReducer, useState } from 'preact/hooks';

export interface VirtualRows {
  items: readonly VirtualItem[];
  totalHeight: number;
  /** Where an item starts, below the head. */
  top(item: VirtualItem): number;
  /** Scrolls no further than needed. */
  scrollTo(index: number): void;
}

/** Follows the scrolling of `element`; `padding` is the height of the head that sticks at its top. */
export function useVirtualRows(
  element: { current: HTMLElement | null },
  count: number,
  rowHeight: number,
  padding: number,
): VirtualRows {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const options = {
    count,
    getScrollElement: () => element.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    scrollPaddingStart: padding,
    scrollMargin: padding,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useEffect(() => virtualizer._willUpdate());
  return {
    items: virtualizer.getVirtualItems(),
    totalHeight: virtualizer.getTotalSize(),
    top: (item) => item.start - padding,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
