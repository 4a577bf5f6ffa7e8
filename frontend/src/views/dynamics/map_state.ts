/** What the data map shows at the epoch: places, colours, marks. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type Colouring, colourColumn as colourOf } from '../../colouring';
import { type ScatterMarks } from '../../elements/scatter/scatter';
import { type Column, type Resource, colourBy, colouring, column, mapColour, payload, selected, shaping, shownMask, theme } from '../../store';
import { packColours, packFlags, wrongRinged } from '../samples/state';
import { countRegions } from './cartography_model';

export const CORRECTNESS = 'correctness';
const VARIABILITY = 'variability';
const CONFIDENCE = 'mean_label_score';

export const mapResources = (): Resource<Column>[] =>
  [VARIABILITY, CONFIDENCE, mapColour.value === 'page' ? colourBy.value : CORRECTNESS, 'correct'].map((name) => column(name));

/** Both axes of one epoch; null until they are loaded. */
export const places: ReadonlySignal<{ variability: ArrayLike<number>; confidence: ArrayLike<number>; step: number } | null> = computed(() => {
  const variability = column(VARIABILITY).data.value;
  const confidence = column(CONFIDENCE).data.value;
  if (!variability || !confidence || variability.step !== confidence.step) return null;
  return { variability: variability.values, confidence: confidence.values, step: variability.step };
});

export const regions = computed(() =>
  places.value && countRegions(places.value.variability, places.value.confidence, shownMask.value),
);

/** By correctness, or as everywhere on the page. */
export const mapColouring: ReadonlySignal<Colouring | null> = computed(() => {
  if (mapColour.value === 'page') return colouring.value;
  const info = payload.value?.columns.find(({ name }) => name === CORRECTNESS);
  const data = column(CORRECTNESS).data.value;
  if (!info || !data) return null;
  const dark = theme.value === 'dark';
  return colourOf(data, info, { dark, classNames: [], classes: [], log: false, hidden: new Set(), shown: shownMask.value });
});

export const mapColours: ReadonlySignal<Uint8Array | null> = computed(() =>
  mapColouring.value ? packColours(mapColouring.value, shaping.value) : null,
);

const NOTHING = new Uint8Array(0);

export const mapMarks: ReadonlySignal<ScatterMarks | null> = computed(() => {
  const correct = column('correct').data.value?.values;
  const look = mapColouring.value;
  if (!look || !correct) return null;
  const flags = packFlags(look.visible, wrongRinged.value ? correct : NOTHING, selected.value.mask);
  return { flags, someSelected: selected.value.size > 0 };
});
