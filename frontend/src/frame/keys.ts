/** Keyboard: a key exists only where something has registered it, and the help lists just those. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface KeyBinding {
  /** `KeyboardEvent.key`. */
  key: string;
  /** With Ctrl, or Cmd on a Mac. */
  mod?: boolean;
  /** How the help shows it, where the key itself does not say it. */
  shown?: string;
  /** What it does, for the help. Empty: not listed. */
  label: string;
  action(): void;
}

const bindings = signal<readonly KeyBinding[]>([]);

export const keyHelp: ReadonlySignal<readonly KeyBinding[]> = computed(() =>
  bindings.value.filter((binding) => binding.label !== ''),
);

/** Gives the way to take them back. The newest binding of a key wins. */
export function registerKeys(added: readonly KeyBinding[]): () => void {
  bindings.value = [...bindings.peek(), ...added];
  return () => {
    bindings.value = bindings.peek().filter((binding) => !added.includes(binding));
  };
}

/** Registers a key while the component is on the page. */
export function useKey(key: string, label: string, action: () => void): void {
  useEffect(() => registerKeys([{ key, label, action }]), [key, label, action]);
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['text', 'search', 'number', 'url', 'email', 'tel', 'password', '']);

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return TEXT_TYPES.has(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement;
}

/** A control that has its own use for the key. */
function usesItself(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const arrow = key.startsWith('Arrow');
  if (target instanceof HTMLSelectElement) return arrow || key.length === 1;
  if (target instanceof HTMLInputElement) return arrow || key === ' ';
  return key === ' ' && (target instanceof HTMLButtonElement || target.tagName === 'SUMMARY');
}

export function startKeys(): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey) return;
    if (takesText(event.target) || usesItself(event.target, event.key)) return;
    const mod = event.ctrlKey || event.metaKey;
    const binding = bindings.peek().findLast((entry) => entry.key === event.key && (entry.mod ?? false) === mod);
    if (!binding) return;
    event.preventDefault();
    binding.action();
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}
