/** What a tile shows, put together from the input and the map. */

import { type Attribution, type Grid, type Input } from '../../api';
import { type Fit, type Raster, fitImage, paintImage } from '../../draw/image';
import { type Display, bandsOf, windowOf } from '../../inspector/display';
import { type MapSpec } from '../../store/attribution_specs';
import { type MapScale, scaleOf } from './paint';

/** A picture of the input as the inspector shows it. */
export interface BasePicture {
  pixels: Uint8ClampedArray<ArrayBuffer>;
  height: number;
  width: number;
}

export function basePicture(input: Input, display: Display): BasePicture {
  const made: Raster | null = input.image;
  const raster = made ?? input;
  const bands = made ? { channels: made.channels === 3 ? ([0, 1, 2] as const) : ([0] as const) } : bandsOf(input, display);
  const window = made ? { low: 0, high: 255, gamma: 1 } : windowOf(input, display);
  return { pixels: paintImage(raster, bands, window), height: raster.height, width: raster.width };
}

/** A grid as large as the image: each of its values over the pixels that it stands for. */
export function enlarged({ data, height, width }: Grid, tall: number, wide: number): Float32Array {
  return Float32Array.from({ length: tall * wide }, (_, k) => {
    const [y, x] = [Math.floor(k / wide), k % wide];
    return data[Math.floor((y * height) / tall) * width + Math.floor((x * width) / wide)]!;
  });
}

/** What is shown of a map: occlusion as the drop of the score unless its score is asked for. */
export function shownValues(spec: MapSpec, { map, raw, height, width, baseline }: Attribution): Float32Array {
  const values = map ?? new Float32Array(0);
  if (spec.method === 'grad_cam' && spec.cam === 'raw' && raw) return enlarged(raw, height, width);
  return spec.method === 'occlusion' && spec.show === 'drop' ? values.map((score) => baseline - score) : values;
}

export function shownUnit(spec: MapSpec, { unit }: Pick<Attribution, 'unit'>): string {
  if (spec.method === 'grad_cam' && spec.cam === 'raw') return `${unit}, raw`;
  if (spec.method !== 'occlusion') return unit;
  return spec.show === 'drop' ? 'score drop' : 'score under the patch';
}

/** What of a method is shown, as a part of a file's name: `drop` and `score` are two things. */
export function shownName({ method, show, cam }: MapSpec): string {
  if (method === 'occlusion') return `${method}-${show}`;
  return method === 'grad_cam' && cam === 'raw' ? `${method}-raw` : method;
}

export const scaleFor = (spec: MapSpec, maps: readonly ArrayLike<number>[]): MapScale =>
  scaleOf(maps, spec.method === 'occlusion' && spec.show === 'score');

/** Side of a tile's picture where `columns` of them share a room. */
export function fitTile(base: Pick<BasePicture, 'width' | 'height'>, room: number, tall: number, columns: number, gap: number): Fit {
  return fitImage(base.width, base.height, Math.max(40, (room - (columns - 1) * gap) / columns), Math.max(40, tall));
}

