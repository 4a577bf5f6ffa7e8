/** Which colour a sample has: the look of classes, and that of the colour-by column. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type Colouring, colourColumn as colourOf } from '../colouring';
import { type Slots, type Swatch, classSwatches, vividClasses } from '../color';
import { type ColumnInfo } from '../schema';
import { type Shaping, shapeColumn, shapeValues } from '../shaping';
import { column } from './data';
import { linkedText } from './link';
import { theme } from './page';
import { colourBy, colourColumn, hiddenClasses, lossScale, payload, pinnedClasses, shownMask, steps } from './state';

const known: Slots = new Map();

/** Wrong predictions per label at the shown epoch, kept from the first one shown of a run. */
const errors = new Map<string, Int32Array>();

function errorsPerClass(): Int32Array | null {
  const manifest = payload.value?.manifest;
  if (!manifest) return null;
  const key = JSON.stringify([payload.value?.run, manifest.attempt]);
  const kept = errors.get(key);
  if (kept) return kept;
  const labels = column('label').data.value?.values;
  const predictions = column('prediction').data.value?.values;
  if (!labels || !predictions) return null;
  const counted = new Int32Array(manifest.class_names.length);
  labels.forEach((label, i) => {
    if (label >= 0 && label !== predictions[i]) counted[label] = (counted[label] ?? 0) + 1;
  });
  errors.set(key, counted);
  return counted;
}

/** The look of every class of the shown run, by class index. */
export const classStyles: ReadonlySignal<Swatch[]> = computed(() => {
  const names = payload.value?.manifest.class_names ?? [];
  if (names.length <= 20) return classSwatches(names, known);
  return classSwatches(names, known, vividClasses(errorsPerClass() ?? [], pinnedClasses.value));
});

const loggedEpochs = computed(() => {
  const [first, last] = [steps.value[0], steps.value.at(-1)];
  return first && last ? ([first.step, last.step] as const) : null;
});

/** How the colour-by column colours every sample; null until it is loaded. */
export const colouring: ReadonlySignal<Colouring | null> = computed(() => {
  const info = colourColumn.value;
  const names = payload.value?.manifest.class_names ?? [];
  const data = column(colourBy.value).data.value;
  if (!info || !data || data.name !== info.name) return null;
  return colourOf(data, info, {
    dark: theme.value === 'dark',
    classNames: names,
    classes: classStyles.value,
    log: lossScale.value === 'log' && info.name === 'loss',
    hidden: hiddenClasses.value,
    shown: shownMask.value,
    epochs: loggedEpochs.value,
  });
});

/** The column that gives points their forms; empty: none. */
export const shapeBy = linkedText('shape');

/** The columns whose values are few enough. */
export const shapeColumns: ReadonlySignal<ColumnInfo[]> = computed(() => {
  const names = payload.value?.manifest.class_names ?? [];
  return payload.value?.columns.filter((info) => shapeValues(info, names) !== null) ?? [];
});

/** The form of every sample; null without a column, and until it is loaded. */
export const shaping: ReadonlySignal<Shaping | null> = computed(() => {
  const info = shapeColumns.value.find(({ name }) => name === shapeBy.value);
  const values = info && shapeValues(info, payload.value?.manifest.class_names ?? []);
  if (!info || !values) return null;
  const data = column(info.name).data.value;
  return data && shapeColumn(data.values, info, values, shownMask.value);
});
