/** Moving through the epochs. */

import { effect, signal } from '@preact/signals';
import { step, stepPosition, steps } from './state';

export const MS_PER_EPOCH = 700;
export const playing = signal(false);

/** Shows the logged epoch that is `by` positions away; stops at the ends. */
export function moveStep(by: number): void {
  const list = steps.peek();
  const at = stepPosition.peek();
  const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
  if (next) step.value = next.step;
}

/** Shows the logged epoch nearest to `wanted`. */
export function goToStep(wanted: number): void {
  let best: number | null = null;
  for (const entry of steps.peek()) {
    if (best === null || Math.abs(entry.step - wanted) < Math.abs(best - wanted)) best = entry.step;
  }
  if (best !== null) step.value = best;
}

/** Starts from the first epoch where the last one is shown. */
export function togglePlay(): void {
  const list = steps.peek();
  if (!playing.peek() && list.length > 1) {
    if (stepPosition.peek() >= list.length - 1) step.value = list[0]?.step ?? null;
    playing.value = true;
  } else playing.value = false;
}

export function startPlayer(): () => void {
  return effect(() => {
    if (!playing.value) return undefined;
    const timer = setInterval(() => {
      moveStep(1);
      if (stepPosition.peek() >= steps.peek().length - 1) playing.value = false;
    }, MS_PER_EPOCH);
    return () => clearInterval(timer);
  });
}
