/** A view that shows the focused sample itself folds the inspector while it is there. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const folding = signal(0);

export const inspectorFolded: ReadonlySignal<number> = folding;

export function useFoldedInspector(): void {
  useEffect(() => {
    folding.value++;
    return () => void folding.value--;
  }, []);
}
