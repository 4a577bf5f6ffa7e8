/** Sets and tags as CSV: `kind,name,split,source_index`, a row a sample. */

import { type Collection, type Named, addTo, namedSets, tags, tidyName } from './collections';
import { SampleSet } from './sample_set';
import { fetchColumns } from '../api';
import { cell, parseCsv, unguarded } from '../csv';
import { payload, step } from './state';

const HEAD = ['kind', 'name', 'split', 'source_index'];
const KINDS: Readonly<Record<string, Collection>> = { set: 'sets', tag: 'tags' };
const MOST_NAMED = 3;

/** Where each sample comes from. */
export interface Places {
  splits: readonly { name: string; start: number; count: number }[];
  sourceIndex: ArrayLike<number>;
}

/** What an import has found. */
export interface Imported {
  collections: Record<Collection, Map<string, number[]>>;
  /** Rows that name a sample of this run. */
  matched: number;
  /** What is wrong with each of the other rows. */
  unmatched: string[];
}

export function printCollections(sets: Named, words: Named, { splits, sourceIndex }: Places): string {
  const lines = [HEAD.join(',')];
  for (const [kind, named] of [['set', sets], ['tag', words]] as const) {
    for (const [name, set] of named) {
      for (const split of splits) {
        const start = `${kind},${cell(name)},${cell(split.name)},`;
        for (let index = split.start; index < split.start + split.count; index++) {
          if (set.has(index)) lines.push(start + String(sourceIndex[index]));
        }
      }
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Throws an Error that says what was expected where it is no such file at all. */
export function parseCollections(text: string, places: Places): Imported {
  const [head = [], ...rows] = parseCsv(text);
  const at = HEAD.map((name) => head.findIndex((title) => title.trim() === name));
  if (at.includes(-1)) {
    throw new Error(`The first line should name the columns ${HEAD.join(', ')}; it has: ${head.slice(0, 8).join(', ').slice(0, 200)}.`);
  }
  const imported: Imported = { collections: { sets: new Map(), tags: new Map() }, matched: 0, unmatched: [] };
  const samples = new Map<string, Map<string, number[]>>();
  rows.forEach((row, k) => {
    if (row.length === 1 && row[0] === '') return;
    const [kind = '', name = '', split = '', source = ''] = at.map((column) => row[column] ?? '');
    const collection = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    const tidy = tidyName(unguarded(name));
    const found = samplesOf(samples, unguarded(split), places)?.get(source.trim());
    if (collection && tidy !== '' && found) {
      const members = imported.collections[collection].get(tidy) ?? [];
      imported.collections[collection].set(tidy, members);
      members.push(...found);
      imported.matched++;
    } else imported.unmatched.push(`line ${k + 2}: ${problem(kind, tidy, split, source, places)}`);
  });
  return imported;
}

function samplesOf(known: Map<string, Map<string, number[]>>, name: string, { splits, sourceIndex }: Places): Map<string, number[]> | undefined {
  const split = splits.find((entry) => entry.name === name);
  if (!split || known.has(name)) return known.get(name);
  const bySource = new Map<string, number[]>();
  for (let index = split.start; index < split.start + split.count; index++) {
    const source = String(sourceIndex[index]);
    bySource.set(source, [...(bySource.get(source) ?? []), index]);
  }
  known.set(name, bySource);
  return bySource;
}

function problem(kind: string, name: string, split: string, source: string, { splits }: Places): string {
  const short = (text: string): string => `'${text.slice(0, 40)}'`;
  if (!Object.hasOwn(KINDS, kind)) return `the kind ${short(kind)} is neither set nor tag`;
  if (name === '') return 'it has no name';
  if (!splits.some((entry) => entry.name === split)) return `there is no split ${short(split)}`;
  return `no watched sample of ${short(split)} has the source index ${short(source)}`;
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

async function placesNow(): Promise<Places> {
  const shown = payload.peek();
  const at = step.peek();
  if (!shown || at === null) throw new Error('No run is shown.');
  const columns = await fetchColumns(shown.run, at, ['source_index']);
  return { splits: shown.manifest.splits, sourceIndex: columns.get('source_index') ?? [] };
}

export async function exportCollections(): Promise<string> {
  return printCollections(namedSets.peek(), tags.peek(), await placesNow());
}

/** Adds what a file holds to what is kept; gives sentences about it. */
export async function importCollections(text: string): Promise<string> {
  const before = payload.peek()?.manifest.probe;
  const { collections, matched, unmatched } = parseCollections(text, await placesNow());
  const shown = payload.peek();
  if (!shown || shown.manifest.probe !== before) return 'Another run is shown now: nothing was imported.';
  for (const kind of ['sets', 'tags'] as const) {
    for (const [name, members] of collections[kind]) addTo(kind, name, SampleSet.of(members, shown.manifest.n_samples));
  }
  const { sets, tags: words } = collections;
  const read = `${counted(sets.size, 'set')} and ${counted(words.size, 'tag')} read, ${counted(matched, 'row')} matched.`;
  if (unmatched.length === 0) return read;
  const more = unmatched.length > MOST_NAMED ? `; and ${unmatched.length - MOST_NAMED} more` : '';
  return `${read} ${unmatched.length} did not: ${unmatched.slice(0, MOST_NAMED).join('; ')}${more}.`;
}
