/** Colour scales as tables of bytes, for pictures of many values. */

import { interpolatePuOr } from 'd3-scale-chromatic';
import { type Rgb, parseRgb, sequential } from '../color';

/** `diverging`: from -1 over 0 to 1; `sequential`: from 0 to 1. */
export type Scale = 'diverging' | 'sequential';

const STEPS = 256;
const DARK: readonly [Rgb, Rgb, Rgb] = [[185, 163, 255], [58, 58, 58], [255, 176, 102]];
const ramps = new Map<string, Uint8ClampedArray>();

/** 256 colours from the low end to the high one, three bytes each. */
export function rampOf(scale: Scale, dark: boolean): Uint8ClampedArray {
  const key = `${scale} ${dark}`;
  let table = ramps.get(key);
  if (!table) {
    table = new Uint8ClampedArray(3 * STEPS);
    for (let k = 0; k < STEPS; k++) table.set(colourAt(scale, k / (STEPS - 1), dark), 3 * k);
    ramps.set(key, table);
  }
  return table;
}

function colourAt(scale: Scale, share: number, dark: boolean): Rgb {
  if (scale === 'sequential') return parseRgb(sequential(share, dark));
  if (!dark) return parseRgb(interpolatePuOr(share));
  const [low, middle, high] = DARK;
  const end = share < 0.5 ? low : high;
  const weight = Math.abs(2 * share - 1);
  return [0, 1, 2].map((k) => middle[k]! + weight * (end[k]! - middle[k]!)) as unknown as Rgb;
}

/** Place of `value` in a ramp: `most` is its high end, and minus that or zero the low one. */
export function placeIn(scale: Scale, value: number, most: number): number {
  if (!(most > 0)) return scale === 'diverging' ? 127.5 : 0;
  const share = scale === 'diverging' ? (value / most + 1) / 2 : value / most;
  return (STEPS - 1) * Math.min(1, Math.max(0, share));
}
