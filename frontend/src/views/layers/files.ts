/** What the tabs show, as files. */

import { type Channels, type Kernel, type Layers, type Maps, STATISTICS } from '../../api';
import { payload } from '../../store';
import { csv } from '../../csv';
import { download } from '../shared/download';
import { npyFile } from '../shared/npy';
import { type MapModel } from './map_model';

/** `exp1-epoch-3-conv1-kernel.npy`. */
export function fileName(step: number, ...what: readonly string[]): string {
  const name = [payload.peek()?.name ?? 'run', `epoch-${step}`, ...what].join('-');
  return name.replace(/[^\w.-]+/g, '_');
}

export function saveText(text: string, name: string): void {
  download(new Blob([text], { type: 'text/csv' }), name);
}

export function saveCanvas(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => blob && download(blob, name));
}

function saveNpy(data: Float32Array, shape: readonly number[], name: string): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  download(new Blob([npyFile("'<f4'", `(${shape.join(', ')})`, bytes)]), name);
}

/** A kernel's file: which of two it is stands in the name. */
export const kernelFile = ({ step, layer, pointwise }: Kernel, what: string): string => fileName(step, layer, ...(pointwise ? ['pointwise'] : []), what);

export function saveKernelNpy(kernel: Kernel): void {
  saveNpy(kernel.data, kernel.shape, kernelFile(kernel, 'kernel.npy'));
}

/** A line a weight: its place along each axis, and its value. */
export function kernelCsv({ data, shape, axes }: Kernel): string {
  const place = (k: number): number[] => {
    let rest = k;
    return shape.map((_, axis) => {
      const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
      const at = Math.floor(rest / stride);
      rest %= stride;
      return at;
    });
  };
  return csv([[...axes, 'value'], ...Array.from(data, (value, k) => [...place(k), value])]);
}

/** Maps' file: whose they are stands in the name. */
export const mapsFile = ({ step, layer, index }: Maps, what: string): string => fileName(step, layer, index === null ? 'own-image' : `sample-${index}`, what);

export function saveMapsNpy(maps: Maps): void {
  saveNpy(maps.data, maps.shape, mapsFile(maps, 'maps.npy'));
}

/** A line a channel and epoch. */
export function channelsCsv({ nChannels, steps, statistics }: Channels): string {
  const rows = Array.from({ length: steps.length * nChannels }, (_, k) => [
    steps[Math.floor(k / nChannels)]!, k % nChannels, ...STATISTICS.map((name) => statistics[name][k]!),
  ]);
  return csv([['epoch', 'channel', ...STATISTICS], ...rows]);
}

/** A line a layer; `found` has the numbers of the channels of those with any. */
export function deadCsv({ layers, step, nSamples, bound }: Layers, found: ReadonlyMap<string, Channels>): string {
  const numbers = (path: string, which: 'dead' | 'almostDead'): string => {
    const mask = found.get(path)?.verdict?.[which] ?? new Uint8Array(0);
    return [...mask.keys()].filter((k) => mask[k]).join(' ');
  };
  const head = ['epoch', 'layer', 'type', 'activation', 'channels', 'judged', 'dead', 'almost_dead', 'saturated', 'dead_channels', 'almost_dead_channels', 'samples', 'rate_at_most_95'];
  const rows = layers.filter(({ statistics }) => statistics).map((entry) => [
    step, entry.path, entry.type, entry.activation ?? '', entry.n_channels, entry.judged ? 'yes' : 'no',
    entry.dead, entry.almost_dead, entry.saturated, numbers(entry.path, 'dead'), numbers(entry.path, 'almostDead'), nSamples, bound,
  ]);
  return csv([head, ...rows]);
}

/** A line a channel. */
export function mapsCsv({ maps: { channels }, mean, max }: MapModel): string {
  return csv([['channel', 'mean', 'max'], ...Array.from({ length: channels }, (_, k) => [k, mean[k]!, max[k]!])]);
}
