/** Colour scales as tables of bytes, for pictures of many values. */

import { interpolateBlues, interpolateInferno, interpolatePuOr } from 'd3-scale-chromatic';
import { type Rgb, parseRgb } from '../color';

/** `diverging`: from -1 over 0 to 1; `unsigned`: from 0, which looks like the ground, to 1; `heat`: the same over a picture. */
export type Scale = 'diverging' | 'unsigned' | 'heat';

/** Odd: zero has a colour of its own. */
const STEPS = 257;
const DARK: Readonly<Record<'diverging' | 'unsigned', readonly Rgb[]>> = {
  diverging: [[185, 163, 255], [58, 58, 58], [255, 176, 102]],
  unsigned: [[56, 56, 56], [138, 184, 255]],
};
const ramps = new Map<string, Uint8ClampedArray>();

/** 257 colours from the low end to the high one, three bytes each. */
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
  if (scale === 'heat') return parseRgb(interpolateInferno(share));
  if (!dark) return parseRgb((scale === 'unsigned' ? interpolateBlues : interpolatePuOr)(share));
  const stops = DARK[scale];
  const from = Math.min(stops.length - 2, Math.floor(share * (stops.length - 1)));
  const weight = share * (stops.length - 1) - from;
  return [0, 1, 2].map((k) => stops[from]![k]! + weight * (stops[from + 1]![k]! - stops[from]![k]!)) as unknown as Rgb;
}

/** Place of `value` in a ramp: `most` is its high end, and minus that or zero the low one. */
export function placeIn(scale: Scale, value: number, most: number): number {
  if (!(most > 0)) return scale === 'diverging' ? (STEPS - 1) / 2 : 0;
  const share = scale === 'diverging' ? (value / most + 1) / 2 : value / most;
  return (STEPS - 1) * Math.min(1, Math.max(0, share));
}
