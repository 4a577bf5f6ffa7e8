/** One sample's input, and pages of thumbnails. */

import { type InputJson, toNumber } from '../schema';
import { type Columns, WireError, pick } from '../wire';
import { address, columns } from './request';

/** One sample's input; `data` is (height, width, channels), row-major. */
export interface Input extends InputJson {
  height: number;
  width: number;
  channels: number;
  data: Float32Array | Uint8Array;
  /** What `to_image` made of it, with 1 or 3 channels. */
  image: { data: Uint8Array; height: number; width: number; channels: number } | null;
}

export async function fetchInput(run: string, index: number): Promise<Input> {
  const answer = await columns('input', { run, index }, {});
  const record = answer.json as InputJson;
  const array = answer.arrays.get('input');
  const [height = 0, width = 0, channels = 0] = array?.shape ?? [];
  if (!array || !(array.data instanceof Float32Array || array.data instanceof Uint8Array)) {
    throw new WireError("expected an array 'input' of F32 or U8");
  }
  return {
    ...record,
    low: toNumber(record.low),
    high: toNumber(record.high),
    height,
    width,
    channels,
    data: array.data,
    image: answer.arrays.has('image') ? readImage(answer) : null,
  };
}

function readImage(answer: Columns): Input['image'] {
  const { data, shape } = pick(answer, 'image', Uint8Array);
  const [height = 0, width = 0, channels = 1] = shape;
  return { data, height, width, channels };
}

/** Address of one page of the thumbnail atlas; level 1 has the smaller cells. */
export function atlasUrl(run: string, page: number, level = 0): string {
  return address('atlas', level === 0 ? { run, page } : { run, page, level });
}
