/** Pictures of the samples by PCA, t-SNE or UMAP, and the work that lays them out. */

import { type ReadonlySignal, type Signal, computed, effect, signal, untracked } from '@preact/signals';
import {
  type ApiError,
  type Faithfulness,
  type Job,
  type Layout,
  type LayoutRequest,
  type Method,
  type Projection,
  ApiError as Failure,
  asApiError,
  cancelJob,
  fetchFaithfulness,
  fetchLayout,
} from '../api';
import { type Limits, limitsOf } from '../draw/viewport';
import { projection } from './data';
import { printMethod } from './methods';
import { pageVisible } from './page';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { payload, step, stepPosition, steps } from './state';

const CACHE_BYTES = 64 * 2 ** 20;
const POLL_MS = 250;
const POLL_HIDDEN_MS = 2000;
/** An epoch is laid out once the slider has rested on it so long. */
const REST_MS = 600;
const BADGE_REST_MS = 400;

/** A picture of the samples, and what it shows. */
export interface Picture {
  /** x and y of every sample, interleaved; NaN where it is not drawn. */
  readonly xy: Float32Array;
  /** The samples that were drawn, ascending; null: all. */
  readonly index: Int32Array | null;
  readonly limits: Limits;
  readonly source: string;
  readonly method: Method;
  readonly step: number;
  /** Names all of it. */
  readonly key: string;
  /** The run and attempt that it is of. */
  readonly scope: string;
  /** `start`: still the principal components; `forming`: also where that was stopped. */
  readonly stage: 'start' | 'forming' | 'final';
  readonly of: number;
  readonly nFeatures: number;
  readonly note: string;
  /** Of PCA: its shares of the variance, and how far its epochs are aligned. */
  readonly pca: Projection | null;
}

export interface WantedLayout {
  readonly request: LayoutRequest;
  readonly key: string;
  readonly scope: string;
  readonly of: number;
}

/** What a plot of `source` by `method` wants now; null where nothing is shown yet. */
export function wantedLayout(source: string, method: Method): WantedLayout | null {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || stepPosition.value < 0) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const of = shown.manifest.n_samples;
  const epochs = source === 'inputs' ? null : [at, steps.value.length];
  const key = JSON.stringify([scope, source, printMethod(method, of), epochs]);
  return { request: { run: shown.run, source, step: at, method }, key, scope, of };
}

const finished = new Cache<Picture>(CACHE_BYTES);

function pictureOf(wanted: WantedLayout, layout: Layout): Picture {
  const { source, step: at, method } = wanted.request;
  const xy = new Float32Array(2 * wanted.of).fill(NaN);
  layout.index.forEach((sample, k) => {
    xy[2 * sample] = layout.xy[2 * k] ?? NaN;
    xy[2 * sample + 1] = layout.xy[2 * k + 1] ?? NaN;
  });
  const { index, of, nFeatures, note, state, begun } = layout;
  const stage = state === 'done' ? 'final' : begun ? 'forming' : 'start';
  const limits = layout.limits.every(Number.isFinite) ? layout.limits : limitsOf(xy);
  const { key, scope } = wanted;
  return { xy, index, limits, source, method, step: at, key, scope, stage, of, nFeatures, note, pca: null };
}

function pictureOfPca(wanted: WantedLayout, pca: Projection): Picture {
  const { source, method } = wanted.request;
  const limits = pca.limits.every(Number.isFinite) ? pca.limits : limitsOf(pca.xy);
  const current = source === 'inputs' || pca.step === wanted.request.step;
  const { xy, nFeatures, step: at } = pca;
  const key = current ? wanted.key : `${wanted.key} of epoch ${at}`;
  return { xy, index: null, limits, source, method, step: at, key, scope: wanted.scope, stage: 'final', of: wanted.of, nFeatures, note: pca.note ?? '', pca };
}

const followers = new Set<LayoutFollower>();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows what is wanted of t-SNE and UMAP: asks for it, shows it as it forms, cancels what is not wanted any more. */
export class LayoutFollower {
  readonly picture: Signal<Picture | null> = signal(null);
  /** The job under way, or the one that was cancelled; null once there is nothing to say of it. */
  readonly job: Signal<Job | null> = signal(null);
  readonly error: Signal<ApiError | null> = signal(null);
  private wanted: WantedLayout | null = null;
  private turn = 0;
  private asked: Promise<unknown> = Promise.resolve();

  follow(wanted: WantedLayout | null): void {
    const before = this.wanted;
    this.wanted = wanted;
    const moved = before !== null && before.key !== wanted?.key;
    if (moved) this.abandon();
    if (wanted === null) return this.rest();
    this.begin(wanted, moved && sameLayout(before, wanted) ? REST_MS : 0, false);
  }

  /** No more is asked; the job goes on. */
  rest(): void {
    this.turn++;
    followers.delete(this);
  }

  /** Lays it out after a failure or a cancel. */
  run(): void {
    if (this.wanted) this.begin(this.wanted, 0, true);
  }

  cancel(): void {
    const job = this.job.peek();
    if (!job) return;
    this.turn++;
    this.job.value = { ...job, state: 'cancelled' };
    cancelJob(job.job).catch((error: unknown) => void (this.error.value = asApiError(error)));
  }

  private begin(wanted: WantedLayout, rest: number, start: boolean): void {
    followers.add(this);
    const turn = ++this.turn;
    this.error.value = null;
    this.job.value = null;
    const kept = finished.get(wanted.key);
    if (kept) this.picture.value = kept;
    else void this.pursue(turn, wanted, performance.now() + rest, start);
  }

  /** Ends the job of what is no longer wanted here, unless another plot wants it too. */
  private abandon(): void {
    const job = this.job.peek();
    if (job?.state !== 'queued' && job?.state !== 'running') return;
    if ([...followers].some((other) => other !== this && other.job.peek()?.job === job.job)) return;
    cancelJob(job.job).catch(() => undefined);
  }

  private async pursue(turn: number, wanted: WantedLayout, restedAt: number, start: boolean): Promise<void> {
    try {
      for (;;) {
        const answer = await this.ask(turn, wanted, start);
        if (answer === null || turn !== this.turn) return;
        this.show(wanted, answer);
        if (answer.state === 'absent' && !start) {
          await pause(Math.max(0, restedAt - performance.now()));
          start = true;
        } else if (answer.state === 'queued' || answer.state === 'running') {
          await pause(pageVisible.peek() ? POLL_MS : POLL_HIDDEN_MS);
          start = false;
        } else {
          if (answer.state === 'absent') this.job.value = { ...answer, state: 'cancelled' };
          return;
        }
        if (turn !== this.turn) return;
      }
    } catch (error) {
      if (turn !== this.turn) return;
      this.job.value = null;
      this.error.value = asApiError(error);
    }
  }

  /** One request at a time: of the wishes that come meanwhile only the newest is asked for. */
  private async ask(turn: number, wanted: WantedLayout, start: boolean): Promise<Layout | null> {
    await this.asked;
    if (turn !== this.turn) return null;
    const answer = fetchLayout(wanted.request, start);
    this.asked = answer.catch(() => undefined);
    return answer;
  }

  private show(wanted: WantedLayout, answer: Layout): void {
    const { state, begun } = answer;
    const shown = this.picture.peek();
    const open = state === 'queued' || state === 'running';
    if (state === 'failed') this.error.value = new Failure(answer.error, answer.hint);
    // Before its first positions a layout answers with the principal components that it starts from.
    const other = shown === null || shown.scope !== wanted.scope || !sameRequest(shown, wanted.request);
    const fresh = other || shown.stage === 'start';
    if (begun || fresh) {
      const picture = pictureOf(wanted, answer);
      if (picture.stage === 'final') finished.set(wanted.key, picture, picture.xy.byteLength);
      this.picture.value = picture;
    }
    this.job.value = open || state === 'cancelled' ? answer : null;
  }
}

function sameLayout(a: WantedLayout, b: WantedLayout): boolean {
  return a.scope === b.scope && sameRequest(a.request, b.request);
}

/** The same but for the epoch. */
function sameRequest(a: Pick<LayoutRequest, 'source' | 'method'>, b: Pick<LayoutRequest, 'source' | 'method'>): boolean {
  return a.source === b.source && JSON.stringify(a.method) === JSON.stringify(b.method);
}

/** What one plot shows. */
export interface Shown {
  /** The last good picture of the run; `current` tells whether it is the wanted one. */
  readonly picture: ReadonlySignal<Picture | null>;
  readonly current: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<ApiError | null>;
  readonly job: ReadonlySignal<Job | null>;
  readonly faithfulness: Resource<Faithfulness & { key: string }>;
  run(): void;
  cancel(): void;
  /** Follows until the returned function is called. */
  start(): () => void;
}

export function showLayout(source: ReadonlySignal<string>, method: ReadonlySignal<Method>): Shown {
  const follower = new LayoutFollower();
  const wanted = computed(() => wantedLayout(source.value, method.value));
  const isPca = computed(() => method.value.method === 'pca');
  let last: Picture | null = null;
  const picture = computed(() => {
    const wish = wanted.value;
    const pca = isPca.value ? projection(source.value).data.value : null;
    const now = isPca.value ? wish && pca && pictureOfPca(wish, pca) : follower.picture.value;
    if (now && wish && now.scope === wish.scope && sameRequest(now, wish.request)) last = now;
    return last?.scope === wish?.scope ? last : null;
  });
  const rested = signal<Picture | null>(null);
  const pcaOf = computed(() => (isPca.value ? projection(source.value) : null));
  const current = computed(() => picture.value !== null && picture.value.key === wanted.value?.key);
  return {
    picture,
    current,
    loading: computed(() => pcaOf.value?.loading.value ?? (!current.value && follower.error.value === null)),
    error: computed(() => (pcaOf.value ?? follower).error.value),
    job: computed(() => (isPca.value ? null : follower.job.value)),
    faithfulness: faithfulnessOf(rested, wanted),
    run: () => (isPca.peek() ? projection(source.peek()).retry() : follower.run()),
    cancel: () => follower.cancel(),
    start: () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stops = [
        effect(() => {
          const wish = wanted.value;
          const pca = isPca.value;
          untracked(() => follower.follow(pca ? null : wish));
        }),
        effect(() => {
          const now = picture.value?.stage === 'final' && current.value ? picture.value : null;
          clearTimeout(timer);
          if (now) timer = setTimeout(() => void (rested.value = now), BADGE_REST_MS);
        }),
        () => clearTimeout(timer),
        () => follower.rest(),
      ];
      return () => stops.forEach((stop) => stop());
    },
  };
}

const badges = new Cache<Faithfulness & { key: string }>(2 ** 20);

/** How faithful the rested picture is, once the page has shown it for a while. */
function faithfulnessOf(
  rested: ReadonlySignal<Picture | null>,
  wanted: ReadonlySignal<WantedLayout | null>,
): Resource<Faithfulness & { key: string }> {
  return follow<Faithfulness & { key: string }>({
    wanted: (): Wanted<Faithfulness & { key: string }> | null => {
      const [now, wish] = [rested.value, wanted.value];
      if (!now || !wish || now.key !== wish.key) return null;
      const { key, scope, request } = wish;
      return { key, scope, load: async () => ({ ...(await fetchFaithfulness(request)), key }) };
    },
    cache: badges,
    bytes: () => 256,
  });
}
