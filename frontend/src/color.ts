/** Colours of classes, categories and numbers. Pure: the theme and the data come as arguments. */

import { interpolateViridis } from 'd3-scale-chromatic';

export type Rgb = readonly [number, number, number];

/** Searched by computer: least OKLab distance 15.9, and 8.9 under simulated colour blindness. */
export const CLASS_HUES: readonly string[] = [
  '#1e8ef7', '#e95016', '#2c5c8b', '#e3a41f', '#914727',
  '#7b4ccc', '#aea5ee', '#18c989', '#d95cb5', '#3a8f6d',
];
/** Categories that are not classes (Okabe and Ito 2008). */
const CATEGORY_HUES: readonly string[] = [
  '#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b3a300',
];
export const GREY = '#9a9a9a';
const MOST_HUES = 20;
const COLOURED_CLASSES = 8;

export interface Swatch {
  color: string;
  /** Drawn as an outline: the second round of the hues. */
  hollow: boolean;
}

export type Slots = Map<string, number>;

/**
 * A hue slot per class name: names met before keep theirs, so that runs agree; new names take the
 * first slots that this run has free.
 */
export function assignSlots(names: readonly string[], known: Slots): number[] {
  const taken = new Set<number>();
  const slots = names.map((name) => {
    const slot = known.get(name);
    if (slot === undefined || slot >= Math.max(names.length, CLASS_HUES.length) || taken.has(slot)) return -1;
    taken.add(slot);
    return slot;
  });
  let free = 0;
  return slots.map((slot, index) => {
    if (slot >= 0) return slot;
    while (taken.has(free)) free++;
    taken.add(free);
    const name = names[index] ?? '';
    if (!known.has(name)) known.set(name, free);
    return free;
  });
}

/** Up to 20 classes have their own look; above, all are grey but `vivid` ones, at most 8 hues. */
export function classSwatches(
  names: readonly string[],
  known: Slots,
  vivid: readonly number[] = [],
): Swatch[] {
  if (names.length <= MOST_HUES) {
    return assignSlots(names, known).map((slot) => hue(CLASS_HUES, slot));
  }
  const swatches: Swatch[] = names.map(() => ({ color: GREY, hollow: false }));
  vivid.forEach((index, order) => (swatches[index] = hue(CLASS_HUES, order)));
  return swatches;
}

/** The classes that stay coloured where there are more than 20: the pinned, then the worst. */
export function vividClasses(errors: ArrayLike<number>, pinned: Iterable<number> = []): number[] {
  const kept = [...pinned];
  const worst = Array.from(errors, (count, index) => ({ count, index }))
    .filter(({ count, index }) => count > 0 && !kept.includes(index))
    .sort((a, b) => b.count - a.count || a.index - b.index);
  return [...kept, ...worst.slice(0, COLOURED_CLASSES).map(({ index }) => index)];
}

export function categorySwatch(index: number): Swatch {
  return hue(CATEGORY_HUES, index);
}

function hue(hues: readonly string[], slot: number): Swatch {
  if (slot < 0 || slot >= 2 * hues.length) return { color: GREY, hollow: slot >= 0 };
  return { color: hues[slot % hues.length] ?? GREY, hollow: slot >= hues.length };
}

/** `#rrggbb` or `rgb(r, g, b)` as bytes. */
export function parseRgb(color: string): Rgb {
  if (color.startsWith('#')) {
    const value = parseInt(color.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [Math.round(red), Math.round(green), Math.round(blue)];
}

/** Relative luminance in 0 to 1 (WCAG 2). */
export function luminance([red, green, blue]: Rgb): number {
  const linear = (byte: number): number => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Ink for a number on a filled cell: both reach the same contrast at luminance 0.179. */
export function inkOn(color: Rgb): '#000' | '#fff' {
  return luminance(color) > 0.179 ? '#000' : '#fff';
}

/** Loss and other unsigned values, from a share in 0 to 1. The high end is the one that contrasts most with the ground. */
export function sequential(t: number, dark: boolean): string {
  const share = Math.min(1, Math.max(0, t));
  return interpolateViridis(0.05 + 0.85 * (dark ? share : 1 - share));
}

const SIDES = {
  light: [[179, 88, 6], [176, 176, 176], [84, 39, 136]],
  dark: [[255, 176, 102], [112, 112, 112], [185, 163, 255]],
} as const;

/** Signed values of points, from a share in 0 to 1; 0.5 is zero, a grey that stands out from the ground. */
export function diverging(t: number, dark: boolean): string {
  const [low, middle, high] = SIDES[dark ? 'dark' : 'light'];
  const end = t < 0.5 ? low : high;
  const weight = Math.min(1, Math.abs(2 * t - 1));
  return `rgb(${middle.map((value, k) => Math.round(value + weight * (end[k]! - value))).join(', ')})`;
}
