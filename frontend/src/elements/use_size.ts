import { type RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Width and height inside the padding of an element, in CSS pixels; followed as they change. */
export function useSize(ref: RefObject<HTMLElement | null>): readonly [number, number] {
  const [size, setSize] = useState<readonly [number, number]>([0, 0]);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const style = getComputedStyle(element);
      const inner = (outer: number, a: string, b: string): number =>
        Math.max(0, outer - parseFloat(a) - parseFloat(b));
      const width = inner(element.clientWidth, style.paddingLeft, style.paddingRight);
      const height = inner(element.clientHeight, style.paddingTop, style.paddingBottom);
      setSize((last) => (last[0] === width && last[1] === height ? last : [width, height]));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [ref]);
  return size;
}
