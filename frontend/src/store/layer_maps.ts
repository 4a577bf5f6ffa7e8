/** Activation maps of the focused sample, or of the user's own image. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type ActivationJob, type Maps, type Subject, computeActivations, fetchReferenceMaps } from '../api';
import { type FollowedJob, followJob } from './followed_job';
import { beside, isSpatial, layer, modelKept, place } from './layers';
import { dropped, ownImage } from './own_image';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { focused, payload, step } from './state';

const CACHE_BYTES = 32 * 2 ** 20;

const mapBytes = (found: Maps | null): number => found?.data.byteLength ?? 0;

/** Whose maps are shown: the focused sample's, or those of the user's own image once that is read. */
export const subject: ReadonlySignal<Subject | null> = computed(() => {
  if (dropped.value) return ownImage.value ? { image: ownImage.value.image } : null;
  const index = focused.value;
  return index !== null && index < (payload.value?.manifest.n_samples ?? 0) ? { index } : null;
});

/** Maps of the subject, computed by the epoch's model. */
export const activations: FollowedJob<ActivationJob> = followJob<ActivationJob>(
  () => {
    const [here, of, whose] = [place(), layer.value, subject.value];
    if (!here || !of || whose === null || !modelKept.value || !isSpatial(of)) return null;
    const scope = JSON.stringify([here.scope, of.path]);
    return {
      key: JSON.stringify([scope, here.at, whose]),
      scope,
      load: (start) => computeActivations(here.run, here.at, of.path, whose, start),
    };
  },
  ({ maps }) => mapBytes(maps),
);

/** The focused sample is one of those whose maps are stored. */
export const isReference: ReadonlySignal<boolean> = computed(() =>
  dropped.value === null && focused.value !== null && (payload.value?.manifest.reference_samples.includes(focused.value) ?? false),
);

/** Stored maps of the focused sample. */
export const referenceMaps: Resource<Maps> = follow<Maps>({
  wanted: () => {
    const [here, of, index] = [place(), layer.value, focused.value];
    if (!here || !of?.maps || index === null || !isReference.value) return null;
    const scope = JSON.stringify([here.scope, of.path]);
    const wanted = (at: number): Wanted<Maps> => ({
      key: JSON.stringify([scope, at, index]),
      scope,
      load: () => fetchReferenceMaps(here.run, at, of.path, index),
    });
    return { ...wanted(here.at), next: beside().map(wanted) };
  },
  cache: new Cache<Maps>(CACHE_BYTES),
  bytes: mapBytes,
});

/** Maps of the focused sample at the shown epoch: the model's, or meanwhile and else the stored ones. */
export const shownMaps: ReadonlySignal<Maps | null> = computed(() => {
  const fits = (maps: Maps | null | undefined): maps is Maps => maps != null && maps.index === (dropped.value ? null : focused.value) && maps.step === step.value && maps.layer === layer.value?.path;
  return [activations.data.value?.maps, referenceMaps.data.value].find(fits) ?? null;
});
