/** Named sets and tags: kept in this browser for the samples of a run's probe set. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { SampleSet, decodeMembers, encodeMembers } from './sample_set';
import { payload } from './state';
import { readStored, watchStored, writeStored } from './storage';

export type Collection = 'sets' | 'tags';
export type Named = ReadonlyMap<string, SampleSet>;

interface Kept {
  sets: Named;
  tags: Named;
}

export const LONGEST_NAME = 100;
/** A query takes no more of them along than this many characters of base64. */
const MOST_TRAVELLING = 1_000_000;
const NOTHING: Kept = { sets: new Map(), tags: new Map() };

/** Grows when what is kept has changed. */
const changes = signal(0);
/** What the storage refused is kept until the page is left. */
const unstored = new Map<string, Kept>();
/** True where this browser has refused to keep something. */
export const notStored = signal(false);

const probe = computed(() => payload.value?.manifest.probe ?? null);
const count = computed(() => payload.value?.manifest.n_samples ?? 0);
const storageKey = (of: string): string => `collections.${of}`;

const kept: ReadonlySignal<Kept> = computed(() => {
  void changes.value;
  const of = probe.value;
  if (of === null) return NOTHING;
  return unstored.get(of) ?? parseKept(readStored(storageKey(of)), count.value);
});

/** Sets of samples by the names that they were given. */
export const namedSets: ReadonlySignal<Named> = computed(() => kept.value.sets);
/** The tagged samples, by tag. */
export const tags: ReadonlySignal<Named> = computed(() => kept.value.tags);

function parseKept(stored: unknown, samples: number): Kept {
  const { sets, tags: words } = (stored ?? {}) as Partial<Record<Collection, unknown>>;
  return { sets: parseNamed(sets, samples), tags: parseNamed(words, samples) };
}

function parseNamed(stored: unknown, samples: number): Named {
  const named = new Map<string, SampleSet>();
  if (!Array.isArray(stored)) return named;
  for (const [name, members] of stored as [unknown, unknown][]) {
    const set = typeof members === 'string' ? decodeMembers(members, samples) : null;
    if (set && typeof name === 'string') named.set(name, set);
  }
  return named;
}

function printNamed(named: Named): [string, string][] {
  return [...named].map(([name, set]) => [name, encodeMembers(set, count.peek())]);
}

/** Keeps what `change` makes of one of the two collections. */
function revise(collection: Collection, change: (named: Map<string, SampleSet>) => void): void {
  const of = probe.peek();
  if (of === null) return;
  const named = new Map(kept.peek()[collection]);
  change(named);
  const next = { ...kept.peek(), [collection]: sortedByName(named) };
  const stored = writeStored(storageKey(of), { sets: printNamed(next.sets), tags: printNamed(next.tags) });
  if (stored) unstored.delete(of);
  else unstored.set(of, next);
  notStored.value = !stored;
  changes.value++;
}

function sortedByName(named: Named): Named {
  return new Map([...named].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
}

/** A name as it is kept: one line, no space around, of a sane length. Empty where nothing is left. */
export function tidyName(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_NAME);
}

/** Keeps `set` under a name; one of that name is replaced. */
export function keepSet(name: string, set: SampleSet): void {
  const tidy = tidyName(name);
  if (tidy !== '') revise('sets', (sets) => sets.set(tidy, set));
}

/** Forgets a set, or a tag of all its samples. */
export function forget(collection: Collection, name: string): void {
  revise(collection, (named) => named.delete(name));
}

/** Adds samples to what is kept under a name. */
export function addTo(collection: Collection, name: string, set: SampleSet): void {
  const tidy = tidyName(name);
  if (tidy !== '') revise(collection, (named) => named.set(tidy, (named.get(tidy) ?? SampleSet.EMPTY).plus(set)));
}

/** Gives samples a tag. */
export function tagSamples(word: string, set: SampleSet): void {
  addTo('tags', word, set);
}

/** Takes a tag from samples; one that no sample has is forgotten. */
export function untagSamples(word: string, set: SampleSet): void {
  revise('tags', (named) => {
    const left = (named.get(word) ?? SampleSet.EMPTY).minus(set);
    if (left.size === 0) named.delete(word);
    else named.set(word, left);
  });
}

export function tagsOf(index: number): string[] {
  return [...tags.value].filter(([, set]) => set.has(index)).map(([word]) => word);
}

/** The sets and tags that go along with a query: those that it names first. */
export function travelling(text: string, samples: number): Record<Collection, Record<string, string>> {
  const chosen: Record<Collection, Record<string, string>> = { sets: {}, tags: {} };
  let left = MOST_TRAVELLING;
  for (const [collection, call] of [['sets', 'set'], ['tags', 'tag']] as const) {
    if (!new RegExp(`\\b${call}\\s*\\(`).test(text)) continue;
    const named = [...kept.peek()[collection]];
    const first = named.filter(([name]) => text.includes(name));
    for (const [name, set] of [...first, ...named.filter((entry) => !first.includes(entry))]) {
      const members = encodeMembers(set, samples);
      left -= members.length;
      if (left < 0) break;
      chosen[collection][name] = members;
    }
  }
  return chosen;
}

/** Follows what other tabs of this browser keep. */
export function startCollections(): () => void {
  return watchStored((key) => {
    if (key.startsWith('collections.')) changes.value++;
  });
}
