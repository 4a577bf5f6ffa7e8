/** The frame's variants by the tab's width; the style sheet has the same limits. */

import { type ReadonlySignal, signal } from '@preact/signals';

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const state = signal(list.matches);
  list.addEventListener('change', () => (state.value = list.matches));
  return state;
}

/** Labels leave the rail, the splits move into the run menu. */
export const narrow = matches('(max-width: 1100px)');
/** The inspector lies over the view. */
export const overlaid = matches('(max-width: 999px)');
