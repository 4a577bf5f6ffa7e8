/** What a plot shows: its picture, how faithful and how stable that is. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import { type AlignedEpochs, type ApiError, type Faithfulness, type Job, type LayoutRequest, type Method, type Stability, fetchFaithfulness, fetchStability } from '../api';
import { projection } from './data';
import { LayoutFollower, commonLimits, sameRequest } from './layout_follower';
import { type Picture, type WantedLayout, alignedOver, pictureOfPca, wantedLayout } from './pictures';
import { Cache, type Resource, type Wanted, follow } from './resource';

export { LayoutFollower } from './layout_follower';
export { type Picture, type WantedLayout, alignedOver, wantedLayout } from './pictures';

const BADGE_REST_MS = 400;

/** Of the picture with this key. */
export type Keyed<T> = T & { readonly key: string };

/** What one plot shows. */
export interface Shown {
  /** The last good picture of the run; `current` tells whether it is the wanted one. */
  readonly picture: ReadonlySignal<Picture | null>;
  readonly current: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<ApiError | null>;
  readonly job: ReadonlySignal<Job | null>;
  readonly faithfulness: Resource<Keyed<Faithfulness>>;
  /** Of epochs that go on one from the other. */
  readonly stability: Resource<Keyed<Stability>>;
  /** How many of these epochs are ready; null where each stands by itself. */
  readonly epochs: ReadonlySignal<Pick<AlignedEpochs, 'done' | 'total'> & Partial<AlignedEpochs> | null>;
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
    const found = isPca.value ? wish && pca && pictureOfPca(wish, pca) : follower.picture.value;
    const common = found && found.stage !== 'start' ? commonLimits(wish?.series ?? null) : null;
    const now = found && common ? { ...found, limits: common } : found;
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
    faithfulness: ofRested(rested, wanted, badges, fetchFaithfulness),
    stability: ofRested(rested, wanted, stabilities, fetchStability, alignedOver),
    epochs: computed(() => {
      if (!isPca.value) return follower.epochs.value;
      const pca = picture.value?.pca;
      return pca && source.value !== 'inputs' ? pca : null;
    }),
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

const badges = new Cache<Keyed<Faithfulness>>(2 ** 20);
const stabilities = new Cache<Keyed<Stability>>(2 ** 20);

/** What is to be known of the rested picture, once the page has shown it for a while. */
function ofRested<T>(
  rested: ReadonlySignal<Picture | null>,
  wanted: ReadonlySignal<WantedLayout | null>,
  cache: Cache<Keyed<T>>,
  load: (request: LayoutRequest) => Promise<T>,
  holds: (request: LayoutRequest) => boolean = () => true,
): Resource<Keyed<T>> {
  return follow<Keyed<T>>({
    wanted: (): Wanted<Keyed<T>> | null => {
      const [now, wish] = [rested.value, wanted.value];
      if (!now || !wish || now.key !== wish.key || !holds(wish.request)) return null;
      const { key, scope, request } = wish;
      return { key, scope, load: async () => ({ ...(await load(request)), key }) };
    },
    cache,
    bytes: () => 256,
  });
}
