/** What the epoch slider marks. */

import { type ReadonlySignal, computed } from '@preact/signals';
import { type EpochMark } from '../elements/epoch_slider';
import { formatLoss, formatPercent, formatValue } from '../format';
import { type Step } from '../schema';
import { payload, steps } from './state';

/** The split whose loss judges an epoch: validation, or else the first. */
export const judgingSplit: ReadonlySignal<string | null> = computed(() => {
  const names = payload.value?.manifest.splits.map((split) => split.name) ?? [];
  return names.find((name) => /^val/i.test(name)) ?? names[0] ?? null;
});

/** The epoch with the lowest finite loss of the judging split. */
export const bestStep: ReadonlySignal<number | null> = computed(() => {
  let best: { step: number; loss: number } | null = null;
  for (const entry of steps.value) {
    const loss = entry.splits.find((split) => split.name === judgingSplit.value)?.loss ?? NaN;
    if (Number.isFinite(loss) && (best === null || loss < best.loss)) best = { step: entry.step, loss };
  }
  return best?.step ?? null;
});

export const epochMarks: ReadonlySignal<EpochMark[]> = computed(() =>
  steps.value.map((entry, i, list) => mark(entry, list[i - 1], bestStep.value === entry.step)),
);

function mark(entry: Step, before: Step | undefined, best: boolean): EpochMark {
  const rate = before !== undefined && entry.learning_rate !== null && before.learning_rate !== null
    && Math.abs(entry.learning_rate - before.learning_rate) > 1e-6 * Math.abs(before.learning_rate);
  const restored = entry.restored_from !== null;
  const model = entry.model !== null;
  const hint = [
    `Epoch ${entry.step}`,
    ...entry.splits.map((split) => `${split.name}: loss ${formatLoss(split.loss)}, accuracy ${formatPercent(split.accuracy)}`),
    ...(entry.learning_rate === null ? [] : [`learning rate ${formatValue(entry.learning_rate)}${rate ? ' (changed)' : ''}`]),
    ...(restored ? [`weights of epoch ${entry.restored_from} restored`] : []),
    ...(best ? [`★ lowest ${judgingSplit.value ?? ''} loss`] : []),
    ...(model ? ['◆ model kept'] : []),
  ];
  return { step: entry.step, model, best, rate, restored, hint };
}
