/** A map over its picture. Pure: numbers in, pixels out. */

import { interpolateInferno } from 'd3-scale-chromatic';
import { type Rgb, parseRgb } from '../../color';

/**
 * From what to what a map's values are coloured. `unsigned` begins at 0, `signed` lies around it;
 * a `range` has no zero of its own.
 */
export interface MapScale {
  kind: 'unsigned' | 'signed' | 'range';
  low: number;
  high: number;
}

/** Values below zero are shown as such from this share of the largest on. */
const SIGNED_FROM = 0.05;
/** The picture below a map is darkened by so much, for the colours to be told apart. */
const DARKEN = 0.6;
/** Opacity grows faster than a signed value, whose colour does not change with its size. */
const SIGNED_POWER = 0.7;
const NEGATIVE: Rgb = [185, 163, 255];
const POSITIVE: Rgb = [255, 176, 102];
const INFERNO: readonly Rgb[] = Array.from({ length: 256 }, (_, k) => parseRgb(interpolateInferno(k / 255)));

/** Around all finite values of some maps. */
export function scaleOf(maps: readonly ArrayLike<number>[], range = false): MapScale {
  let low = Infinity;
  let high = -Infinity;
  for (const map of maps) {
    for (let i = 0; i < map.length; i++) {
      const value = map[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return { kind: range ? 'range' : 'unsigned', low: 0, high: 0 };
  if (range) return { kind: 'range', low, high };
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (low < -SIGNED_FROM * most) return { kind: 'signed', low: -most, high: most };
  return { kind: 'unsigned', low: 0, high: Math.max(0, high) };
}

/** The same scale around zero, for maps beside others that are. */
export function signedScale(scale: MapScale): MapScale {
  return scale.kind === 'unsigned' ? { kind: 'signed', low: -scale.high, high: scale.high } : scale;
}

/** Colour and opacity (0 to 1) of a value. */
export function colourOf(value: number, { kind, low, high }: MapScale): { rgb: Rgb; alpha: number } {
  const width = high - low;
  const share = width > 0 ? Math.min(1, Math.max(0, (value - low) / width)) : 0;
  if (kind === 'signed') {
    const size = width > 0 ? Math.min(1, Math.abs((2 * value) / width)) ** SIGNED_POWER : 0;
    return { rgb: value < 0 ? NEGATIVE : POSITIVE, alpha: size };
  }
  const rgb = INFERNO[Math.round(255 * share)]!;
  return { rgb, alpha: kind === 'range' ? 0.8 : Math.min(1, 1.2 * share) };
}

/**
 * Pixels of the map over the picture, RGBA, row-major. The picture turns grey and darker; where
 * the map has no value it shines through and lets the ground's hatching be seen.
 */
export function paintMap(picture: Uint8ClampedArray, map: ArrayLike<number>, scale: MapScale, opacity: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(picture.length);
  const light = 1 - DARKEN * opacity;
  for (let pixel = 0; pixel < picture.length / 4; pixel++) {
    const at = 4 * pixel;
    const [r, g, b] = [picture[at]!, picture[at + 1]!, picture[at + 2]!];
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const value = map[pixel] ?? NaN;
    if (!Number.isFinite(value)) {
      out.set([grey, grey, grey, 150], at);
      continue;
    }
    const { rgb, alpha } = colourOf(value, scale);
    const share = alpha * opacity;
    for (let channel = 0; channel < 3; channel++) {
      const below = light * (grey + (1 - opacity) * (picture[at + channel]! - grey));
      out[at + channel] = below + share * (rgb[channel]! - below);
    }
    out[at + 3] = 255;
  }
  return out;
}

/** The map alone, as opaque as its values are large; RGBA. */
export function overlay(map: ArrayLike<number>, scale: MapScale, opacity: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(4 * map.length);
  for (let pixel = 0; pixel < map.length; pixel++) {
    if (!Number.isFinite(map[pixel])) continue;
    const { rgb, alpha } = colourOf(map[pixel]!, scale);
    out.set([...rgb, 255 * alpha * opacity], 4 * pixel);
  }
  return out;
}

/** The scale as a CSS gradient, over black as a map lies over the dark of its picture. */
export function gradientOf(scale: MapScale): string {
  const stops = Array.from({ length: 17 }, (_, k) => {
    const { rgb, alpha } = colourOf(scale.low + (k / 16) * (scale.high - scale.low || 1), scale);
    return `rgb(${rgb.map((byte) => Math.round(byte * (scale.kind === 'range' ? 1 : alpha))).join(' ')})`;
  });
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}

export interface Extreme {
  value: number;
  x: number;
  y: number;
}

/** The largest finite value and the first pixel that has it. */
export function largest(map: ArrayLike<number>, width: number): Extreme | null {
  let best = -1;
  for (let i = 0; i < map.length; i++) {
    if (Number.isFinite(map[i]) && (best < 0 || map[i]! > map[best]!)) best = i;
  }
  return best < 0 ? null : { value: map[best]!, x: best % width, y: Math.floor(best / width) };
}
