/** A kernel of any convolution as filters by input channels. */

import { type Kernel } from '../../api';
import { type Raster } from './tiles';

export interface KernelModel {
  height: number;
  width: number;
  /** Slices of a volume; 1 elsewhere. */
  depth: number;
  /** Input channels that each filter reads: 1 of a depthwise kernel. */
  nIn: number;
  nOut: number;
  /** Each filter reads the input channels of its group; 1: all. */
  groups: number;
  /** Each filter reads one channel of its own. */
  depthwise: boolean;
  data: Float32Array;
  /** The weights of a filter for an input channel. */
  slice(filter: number, channel: number, depth: number): Raster;
  /** The input channel that `channel` of a filter is. */
  channelOf(filter: number, channel: number): number;
}

export function kernelModel({ data, shape, axes, inChannels }: Pick<Kernel, 'data' | 'shape' | 'axes' | 'inChannels'>): KernelModel {
  const size = (name: string): number => shape[axes.indexOf(name)] ?? 1;
  const stride = (name: string): number => {
    const at = axes.indexOf(name);
    return at < 0 ? 0 : shape.slice(at + 1).reduce((product, length) => product * length, 1);
  };
  const depthwise = axes.includes('multiplier');
  const multiplier = size('multiplier');
  const across = axes.includes('length') ? 'length' : 'width';
  const [byX, byY, byDepth] = [stride(across), stride('height'), stride('depth')];
  const [byIn, byOut, byMultiplier] = [stride('in'), stride('out'), stride('multiplier')];
  const [width, height] = [size(across), size('height')];
  const origin = (filter: number, channel: number): number =>
    depthwise ? Math.floor(filter / multiplier) * byIn + (filter % multiplier) * byMultiplier : filter * byOut + channel * byIn;
  const [nIn, nOut] = depthwise ? [1, size('in') * multiplier] : [size('in'), size('out')];
  const parts = depthwise || inChannels === null ? 1 : inChannels / nIn;
  const groups = Number.isInteger(parts) && nOut % parts === 0 ? parts : 1;
  return {
    height, width, depthwise, groups, data, nIn, nOut,
    depth: size('depth'),
    slice: (filter, channel, depth) => {
      const start = origin(filter, channel) + depth * byDepth;
      return { data, width, height, at: (x, y) => start + x * byX + y * byY };
    },
    channelOf: (filter, channel) => (depthwise ? Math.floor(filter / multiplier) : Math.floor((filter * groups) / nOut) * nIn + channel),
  };
}

/** The largest absolute weight: the high end of the shared scale. */
export function largestWeight({ data }: Pick<KernelModel, 'data'>): number {
  let most = 0;
  for (const value of data) {
    const size = Math.abs(value);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}
