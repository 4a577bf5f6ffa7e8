import { useLayoutEffect, useState } from 'preact/hooks';
import { theme } from '../../store';
import { type TileInk } from './tiles';

/** The page's inks where an element stands, followed as the theme changes. */
export function useInk(element: { current: HTMLElement | null }): TileInk | null {
  const [ink, setInk] = useState<TileInk | null>(null);
  const dark = theme.value === 'dark';
  useLayoutEffect(() => {
    if (!element.current) return;
    const style = getComputedStyle(element.current);
    const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    setInk({
      text: token('text'), muted: token('text-2'), border: token('border'), hatch: token('control'), mat: token('mat'),
      ground: token('surface'), accent: token('accent'), wrong: token('wrong'), font: `11px ${style.fontFamily}`, dark,
    });
  }, [dark]);
  return ink;
}
