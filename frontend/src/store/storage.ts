/** What outlives a reload in this browser. */

const PREFIX = 'cnnvis.';

/** What was kept under `key`; null where there is nothing, or nothing that can be read. */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null');
  } catch {
    return null;
  }
}

/** False where the browser keeps nothing: its storage is full or forbidden. */
export function writeStored(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Calls `changed` whenever another tab of this browser writes; gives the way to stop. */
export function watchStored(changed: (key: string) => void): () => void {
  const hear = ({ key }: StorageEvent): void => {
    if (key?.startsWith(PREFIX)) changed(key.slice(PREFIX.length));
  };
  addEventListener('storage', hear);
  return () => removeEventListener('storage', hear);
}
