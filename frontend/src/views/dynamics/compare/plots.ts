/** What the two plots of a layer show: the same samples at the same index, in both runs. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type Limits, limitsOf } from '../../../draw/viewport';
import { type ScatterMarks } from '../../../elements/scatter/scatter';
import { type Layout } from '../../../elements/scatter/plot';
import { colouring, column, comparison, otherProjection, projection, selected, shownPair } from '../../../store';
import { packFlags, wrongRinged } from '../../samples/state';
import { type Aligned, align } from './align';

export interface Pair extends Aligned {
  layer: string;
  otherLayer: string;
  limits: Limits;
  step: number;
  otherStep: number;
}

/** The other's plane turned onto this run's; null until all of it is here. */
export const plotted: ReadonlySignal<Pair | null> = computed(() => {
  const [pair, found] = [shownPair.value, comparison.data.value];
  if (!pair || !found) return null;
  const [own, there] = [projection(pair.layer).data.value, otherProjection.data.value];
  if (own?.source !== pair.layer || there?.source !== pair.other_layer) return null;
  if (own.step !== found.step || there.step !== found.against.step) return null;
  const aligned = align(own.xy, there.xy, found.index, found.otherIndex);
  const all = [own.limits, limitsOf(aligned.xy)].filter((bounds) => bounds.every(Number.isFinite));
  const limits = [0, 1, 2, 3].map((k) => all.map((bounds) => bounds[k]!).reduce((a, b) => (k % 2 ? Math.max(a, b) : Math.min(a, b)))) as unknown as Limits;
  return { ...aligned, layer: pair.layer, otherLayer: pair.other_layer, limits, step: own.step, otherStep: there.step };
});

function layoutOf(xy: (pair: Pair) => Float32Array): ReadonlySignal<Layout | null> {
  return computed(() => {
    const pair = plotted.value;
    return pair && { xy: xy(pair), index: null, limits: pair.limits, source: JSON.stringify([pair.layer, pair.otherLayer]) };
  });
}

export const ownLayout = layoutOf(({ fixed }) => fixed);
export const otherLayout = layoutOf(({ xy }) => xy);

const NOTHING = new Uint8Array(0);

/** Rings where the other is wrong. */
export const otherMarks: ReadonlySignal<ScatterMarks | null> = computed(() => {
  const correct = column('other_correct').data.value?.values;
  if (!colouring.value || !correct) return null;
  const flags = packFlags(colouring.value.visible, wrongRinged.value ? correct : NOTHING, selected.value.mask);
  return { flags, someSelected: selected.value.size > 0 };
});
