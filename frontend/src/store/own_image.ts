/** The user's own image in the place of a sample. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import { type Input, type OwnImage, type Resize, ApiError, readOwnImage } from '../api';
import { JobFollower, type WantedJob } from './job_follower';
import { keptModels } from './layers';
import { Cache } from './resource';
import { focused, payload, step, view } from './state';

const MOST_BYTES = 10 * 10 ** 6;
const CACHE_BYTES = 8 * 2 ** 20;
/** Where the file can be looked at as a sample is; dropped elsewhere, it is explained. */
const VIEWS: ReadonlySet<string> = new Set(['attribution', 'layers', 'similar']);

interface Dropped {
  readonly name: string;
  /** The file in base64. */
  readonly data: string;
  readonly at: number;
}

/** The file that was dropped last, until it is closed. */
export const ownFile = signal<Dropped | null>(null);
const lookedAt = signal(false);
/** The file while it is looked at in the place of a sample. */
export const dropped: ReadonlySignal<Dropped | null> = computed(() => (lookedAt.value ? ownFile.value : null));
/** The Similar view's query is the file. */
export const comparing = signal(false);
/** How it is made as large as the model's input. */
export const ownResize = signal<Resize>('crop');
/** What black and white become in the input; null: as in the run's inputs. */
export const ownRescale = signal<readonly [number, number] | null>(null);
/** Why a file was not taken. */
export const dropError = signal<ApiError | null>(null);
let drops = 0;

export async function dropFile(file: File): Promise<void> {
  dropError.value = null;
  if (file.size > MOST_BYTES) {
    dropError.value = new ApiError(`The file ${file.name} has ${(file.size / 1e6).toFixed(1)} MB.`, 'An image of at most 10 MB can be used: make it smaller and drop it again.');
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  ownFile.value = { name: file.name, data: btoa(text), at: ++drops };
  showOwnImage();
  comparing.value = view.peek() === 'similar';
  if (!VIEWS.has(view.peek())) view.value = 'attribution';
}

export function showOwnImage(): void {
  lookedAt.value = ownFile.peek() !== null;
}

/** Back to the focused sample; the file is kept. */
export function leaveOwnImage(): void {
  lookedAt.value = false;
  dropError.value = null;
}

export function closeOwnImage(): void {
  leaveOwnImage();
  ownFile.value = null;
  comparing.value = false;
}

export const ownFollower = new JobFollower<OwnImage>(new Cache(CACHE_BYTES), ({ input }) => input?.byteLength ?? 0, ({ input }) => input !== null, 0);

const wanted: ReadonlySignal<WantedJob<OwnImage> | null> = computed(() => {
  const file = comparing.value ? ownFile.value : dropped.value;
  const [shown, at, scaling] = [payload.value, step.value, { resize: ownResize.value, rescale: ownRescale.value }];
  if (!shown || !file || at === null || !keptModels.value.includes(at)) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt, file.at]);
  return { key: JSON.stringify([scope, at, scaling]), scope, fetch: (start) => readOwnImage(shown.run, at, file.name, file.data, scaling, start) };
});

/** As it was read; null until then, and where the epoch has no model. */
export const ownImage: ReadonlySignal<OwnImage | null> = computed(() => {
  const answer = ownFollower.answer.value;
  return answer && answer.key === wanted.value?.key ? answer.value : null;
});

/** The file that is looked at could not be read. */
export const ownUnread: ReadonlySignal<boolean> = computed(() => dropped.value !== null && ownFollower.error.value !== null);

/** The same as an input that can be shown; the last one while the next is read. */
export const ownInput: ReadonlySignal<Input | null> = computed(() => {
  const info = payload.value?.manifest.input;
  const read = ownFollower.answer.value?.value;
  if (!info || !read?.input || !ownFile.value) return null;
  const [height = 0, width = 0, channels = 0] = read.shape;
  const display = info.display === 'to_image' ? 'stretched' : info.display;
  return { height, width, channels, data: read.input, image: null, low: info.display_low, high: info.display_high, display, source_dtype: info.dtype };
});

/** Follows the file; a sample that is focused takes its place. */
export function startOwnImage(): () => void {
  let before = focused.peek();
  const stops = [
    effect(() => {
      const now = focused.value;
      if (now !== before) untracked(leaveOwnImage);
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
