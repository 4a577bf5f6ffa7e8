/** Deep links: state in TensorBoard's hash, `#cnnvis&p.cnnvis.run=exp1&p.cnnvis.step=3`. */

import { type Signal, effect, signal } from '@preact/signals';

const PLUGIN = 'cnnvis';
const PREFIX = `p.${PLUGIN}.`;
const LONGEST = 2000;
/** Browsers throttle changes of the address; scrubbing makes many. */
const WRITE_AFTER_MS = 200;

/** Values of our keys in a hash; what cannot be decoded or is too long is left out. */
export function parseHash(hash: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of hash.replace(/^#/, '').split('&')) {
    const split = pair.indexOf('=');
    if (!pair.startsWith(PREFIX) || split < 0 || pair.length > LONGEST) continue;
    try {
      values.set(pair.slice(PREFIX.length, split), decodeURIComponent(pair.slice(split + 1)));
    } catch {
      continue;
    }
  }
  return values;
}

/** `hash` with our keys replaced; other plugins' pairs stay. */
export function printHash(hash: string, values: ReadonlyMap<string, string>): string {
  const others = hash.replace(/^#/, '').split('&').filter((pair) => !pair.startsWith(PREFIX));
  const ours = [...values].map(([key, value]) => `${PREFIX}${key}=${encodeURIComponent(value)}`);
  const kept = others.filter((pair) => pair !== '' && pair !== PLUGIN);
  return `#${[PLUGIN, ...kept, ...ours].join('&')}`;
}

/** A whole number from 0 on, or null. */
export function parseIndex(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** The window whose address the user sees; our own where the parent cannot be reached. */
export function addressWindow(): Window {
  try {
    if (window.parent.location.hash !== undefined) return window.parent;
  } catch {
    // Another origin.
  }
  return window;
}

/** Another plugin's tab is shown: its hash is not ours to write. */
function isForeign(hash: string): boolean {
  const plugin = hash.replace(/^#/, '').split('&')[0] ?? '';
  return plugin !== '' && plugin !== PLUGIN && !plugin.startsWith(PREFIX);
}

interface Entry {
  read(text: string | undefined): void;
  print(): string | null;
}

const entries = new Map<string, Entry>();

/**
 * Keeps `target` in the link under `key`.
 *
 * `parse` gives undefined for a value that is not valid, which is then ignored; `print` gives
 * null where the value goes without saying.
 */
export function link<T>(
  key: string,
  target: Signal<T>,
  parse: (text: string) => T | undefined,
  print: (value: T) => string | null,
): void {
  const initial = target.peek();
  entries.set(key, {
    read: (text) => {
      const value = text === undefined ? initial : parse(text);
      if (value !== undefined) target.value = value;
    },
    print: () => print(target.value),
  });
  if (started) entries.get(key)?.read(parseHash(addressWindow().location.hash).get(key));
  linkCount.value = entries.size;
}

/** A signal that lives in the link: a view's own choice, such as its layer. */
export function linkedText(key: string, initial = ''): Signal<string> {
  const target = signal(initial);
  link(key, target, (text) => text, (value) => (value === initial ? null : value));
  return target;
}

/** One of a few words that lives in the link; the first goes without saying. */
export function linkedChoice<T extends string>(key: string, choices: readonly [T, ...T[]]): Signal<T> {
  const target = signal<T>(choices[0]);
  link(key, target, (text) => choices.find((choice) => choice === text), (value) => (value === choices[0] ? null : value));
  return target;
}

const linkCount = signal(0);
let started = false;

/** What the address bar would show. */
export function currentLink(): string {
  const { origin, pathname, search, hash } = addressWindow().location;
  return origin + pathname + search + printHash(hash, printAll());
}

function printAll(): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, entry] of entries) {
    const text = entry.print();
    if (text !== null) values.set(key, text);
  }
  return values;
}

/** Reads the link now and whenever it is edited, and writes each change into it. */
export function startLink(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const target = addressWindow();
  const readAll = (): void => {
    clearTimeout(timer);
    const hash = target.location.hash;
    if (isForeign(hash)) return;
    const values = parseHash(hash);
    for (const [key, entry] of entries) entry.read(values.get(key));
  };
  readAll();
  started = true;
  target.addEventListener('hashchange', readAll);
  const write = (values: ReadonlyMap<string, string>): void => {
    const hash = target.location.hash;
    const printed = printHash(hash, values);
    if (!isForeign(hash) && printed !== hash) target.history.replaceState(target.history.state, '', printed);
  };
  const stop = effect(() => {
    void linkCount.value;
    const values = printAll();
    clearTimeout(timer);
    timer = setTimeout(() => write(values), WRITE_AFTER_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
    target.removeEventListener('hashchange', readAll);
    started = false;
  };
}
