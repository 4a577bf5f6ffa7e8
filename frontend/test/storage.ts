/** What a browser keeps, as far as the page needs it: Node has none. */
export class Shelf {
  readonly kept = new Map<string, string>();
  full = false;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.full) throw new DOMException('', 'QuotaExceededError');
    this.kept.set(key, value);
  }
}

/** An empty one, in place of the browser's. */
export function emptyShelf(): Shelf {
  const shelf = new Shelf();
  Object.assign(globalThis, { localStorage: shelf });
  return shelf;
}
