/** Activation maps as rasters, and the order they are shown in. */

import { type Maps } from '../../api';
import { type Scale } from '../../draw/ramp';
import { type Raster } from './tiles';

export type MapOrder = 'index' | 'mean' | 'max';

export interface MapModel {
  maps: Maps;
  mean: Float32Array;
  max: Float32Array;
  /** The largest absolute finite value of all channels. */
  most: number;
  /** Diverging where any value is below zero. */
  scale: Scale;
  /** What a picture is as wide and high as: that of a line would be too low to be seen. */
  proportions: readonly [width: number, height: number];
  /** Slices of a volume below one another; 1 elsewhere. */
  slices: number;
  /** How maps that are no images are laid out; empty of images. */
  how: string;
  /** The place of a value in words. */
  place(column: number, row: number): [string, string];
  raster(channel: number): Raster;
}

/** A line is drawn an eighth as high as it is long. */
const STRIP = 8;

type Layout = Pick<MapModel, 'proportions' | 'slices' | 'how' | 'place'>;

function layoutOf({ shape, width, height }: Maps): Layout {
  const slices = shape.slice(0, -3).reduce((product, size) => product * size, 1);
  if (shape.length === 2) {
    const proportions = [width, Math.max(1, Math.round(width / STRIP))] as const;
    return { proportions, slices: 1, how: `as strips of 1×${width}`, place: (column) => ['position', String(column)] };
  }
  const [each, proportions] = [height / slices, [width, height] as const];
  if (shape.length === 3) return { proportions, slices, how: '', place: (column, row) => ['row, column', `${row}, ${column}`] };
  const place = (column: number, row: number): [string, string] => ['slice, row, column', `${Math.floor(row / each)}, ${row % each}, ${column}`];
  return { proportions, slices, how: `${slices} slices below one another`, place };
}

export function mapModel(maps: Maps): MapModel {
  const { data, width, height, channels } = maps;
  const mean = new Float32Array(channels);
  const max = new Float32Array(channels).fill(-Infinity);
  let [low, high] = [0, 0];
  for (let k = 0; k < data.length; k++) {
    const value = data[k]!;
    const channel = k % channels;
    mean[channel] = mean[channel]! + value / (width * height);
    if (!(max[channel]! >= value)) max[channel] = value;
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return {
    maps, mean, max,
    ...layoutOf(maps),
    most: Math.max(high, -low),
    scale: low < 0 ? 'diverging' : 'unsigned',
    raster: (channel) => ({ data, width, height, at: (x, y) => (y * width + x) * channels + channel }),
  };
}

/** Channels by falling value, those that are not a number last, ties by number. */
export function orderChannels({ maps: { channels }, mean, max }: Pick<MapModel, 'maps' | 'mean' | 'max'>, by: MapOrder): number[] {
  const order = Array.from({ length: channels }, (_, k) => k);
  if (by === 'index') return order;
  const of = (channel: number): number => {
    const value = (by === 'mean' ? mean : max)[channel]!;
    return Number.isNaN(value) ? -Infinity : value;
  };
  return order.sort((a, b) => (of(a) === of(b) ? a - b : of(b) > of(a) ? 1 : -1));
}
