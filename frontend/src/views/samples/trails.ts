/** Paths of the selected samples over the epochs. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type Trails as Found, fetchTrails } from '../../api';
import { type Trails } from '../../draw/trails';
import { Cache, SampleSet, encodeMembers, focused, follow, linkedText, payload, selected } from '../../store';
import { type Resource } from '../../store';
import { type Picture, alignedOver, wantedLayout } from '../../store/layouts';
import { type Side } from './state';

/** `on` where trails are drawn. */
export const trailsShown = linkedText('trails');

/** Whose trails: the selected samples', or else the focused one's. */
export const trailed: ReadonlySignal<SampleSet> = computed(() => {
  const n = payload.value?.manifest.n_samples ?? 0;
  const at = focused.value;
  return selected.value.size > 0 || at === null || at >= n ? selected.value : SampleSet.of([at], n);
});

type Kept = Found & { readonly key: string };
const cache = new Cache<Kept>(8 * 2 ** 20);

/** Trails in one plot. */
export interface SideTrails {
  readonly resource: Resource<Kept>;
  readonly drawn: ReadonlySignal<Trails | null>;
}

/** `Kept.key` names the layout and the samples: others' trails are not drawn. */
export function trailsOf({ source, method, shown }: Pick<Side, 'source' | 'method' | 'shown'>): SideTrails {
  const wanted = computed(() => {
    const wish = trailsShown.value === 'on' && trailed.value.size > 0 ? wantedLayout(source.value, method.value) : null;
    if (!wish || !alignedOver(wish.request)) return null;
    const members = encodeMembers(trailed.value, wish.of);
    return { wish, members, key: JSON.stringify([wish.scope, source.value, method.value, members]) };
  });
  const ready = computed(() => shown.epochs.value?.done ?? 0);
  const resource = follow<Kept>({
    wanted: () => {
      const now = wanted.value;
      if (!now) return null;
      const { wish, members, key } = now;
      return {
        key: JSON.stringify([key, ready.value]),
        scope: wish.scope,
        load: async () => ({ ...(await fetchTrails(wish.request, members)), key }),
      };
    },
    cache,
    bytes: ({ xy }) => xy.byteLength,
  });
  const drawn = computed(() => {
    const [found, picture] = [resource.data.value, shown.picture.value];
    return found && picture && found.key === wanted.value?.key ? upTo(found, picture) : null;
  });
  return { resource, drawn };
}

/** What of the trails lies before the shown epoch. */
export function upTo({ index, steps, xy }: Pick<Found, 'index' | 'steps' | 'xy'>, { step }: Pick<Picture, 'step'>): Trails {
  return { index, xy, epochs: steps.length, before: steps.filter((at) => at < step).length };
}
