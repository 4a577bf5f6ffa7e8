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
  raster(channel: number): Raster;
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
