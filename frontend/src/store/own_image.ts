/** The user's own image in the place of a sample. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import { type Input, type OwnImage, type Resize, ApiError, readOwnImage } from '../api';
import { JobFollower, type WantedJob } from './job_follower';
import { keptModels } from './layers';
import { Cache } from './resource';
import { focused, payload, step, view } from './state';

const MOST_BYTES = 10 * 10 ** 6;
const CACHE_BYTES = 8 * 2 ** 20;

interface Dropped {
  readonly name: string;
  /** The file in base64. */
  readonly data: string;
  readonly at: number;
}

/** The file that was dropped last; null once a sample is looked at again. */
export const dropped = signal<Dropped | null>(null);
/** How it is made as large as the model's input. */
export const ownResize = signal<Resize>('crop');
/** Why a file was not taken. */
export const dropError = signal<ApiError | null>(null);
let drops = 0;

export async function dropFile(file: File): Promise<void> {
  dropError.value = null;
  if (file.size > MOST_BYTES) {
    dropError.value = new ApiError(`${file.name} has ${(file.size / 1e6).toFixed(1)} MB.`, 'An image of at most 10 MB can be used: make it smaller and drop it again.');
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  dropped.value = { name: file.name, data: btoa(text), at: ++drops };
  view.value = 'attribution';
}

export function closeOwnImage(): void {
  dropped.value = null;
  dropError.value = null;
}

export const ownFollower = new JobFollower<OwnImage>(new Cache(CACHE_BYTES), ({ input }) => input?.byteLength ?? 0, ({ input }) => input !== null, 0);

const wanted: ReadonlySignal<WantedJob<OwnImage> | null> = computed(() => {
  const [shown, file, at, resize] = [payload.value, dropped.value, step.value, ownResize.value];
  if (!shown || !file || at === null || !keptModels.value.includes(at)) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt, file.at]);
  return { key: JSON.stringify([scope, at, resize]), scope, fetch: (start) => readOwnImage(shown.run, at, file.name, file.data, resize, start) };
});

/** As it was read; null until then, and where the epoch has no model. */
export const ownImage: ReadonlySignal<OwnImage | null> = computed(() => {
  const answer = ownFollower.answer.value;
  return answer && answer.key === wanted.value?.key ? answer.value : null;
});

/** The same as an input that can be shown; the last one while the next is read. */
export const ownInput: ReadonlySignal<Input | null> = computed(() => {
  const info = payload.value?.manifest.input;
  const read = ownFollower.answer.value?.value;
  if (!info || !read?.input || !dropped.value) return null;
  const [height = 0, width = 0, channels = 0] = read.shape;
  const display = info.display === 'to_image' ? 'stretched' : info.display;
  return { height, width, channels, data: read.input, image: null, low: info.display_low, high: info.display_high, display, source_dtype: info.dtype };
});

/** Follows the file; another sample or run takes its place. */
export function startOwnImage(): () => void {
  let before = focused.peek();
  const stops = [
    effect(() => {
      const now = focused.value;
      if (now !== before) untracked(closeOwnImage);
      before = now;
    }),
    effect(() => {
      const next = wanted.value;
      untracked(() => ownFollower.follow(next));
    }),
    () => ownFollower.rest(),
  ];
  return () => stops.forEach((stop) => stop());
}
