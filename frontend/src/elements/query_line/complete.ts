/** What a query can go on with at the caret. */

import { type Word, columnName, meaning, quoted, wordsOf } from './words';

export interface VocabularyColumn {
  name: string;
  /** What it is, in a few words. */
  definition: string;
  /** What it can be compared with; null where that is no list of names. */
  values: readonly string[] | null;
}

export interface Vocabulary {
  columns: readonly VocabularyColumn[];
  classes: readonly string[];
  sets: readonly string[];
  tags: readonly string[];
}

export interface Suggestion {
  /** What takes the place of the typed. */
  insert: string;
  label: string;
  detail: string;
}

export interface Completion {
  /** The typed part that a suggestion takes the place of. */
  from: number;
  to: number;
  suggestions: Suggestion[];
}

const FUNCTIONS: readonly Suggestion[] = [
  { insert: 'top(', label: 'top(column, k)', detail: 'the k highest' },
  { insert: 'bottom(', label: 'bottom(column, k)', detail: 'the k lowest' },
  { insert: 'top_k(', label: 'top_k(k)', detail: 'the label is among the k best scores' },
  { insert: 'score(', label: 'score("class")', detail: 'score of a class' },
  { insert: 'confidence', label: 'confidence', detail: 'score of the prediction' },
  { insert: 'isnan(', label: 'isnan(column)', detail: 'no number there' },
  { insert: 'abs(', label: 'abs(number)', detail: 'without its sign' },
  { insert: 'selected', label: 'selected', detail: 'what is selected now' },
  { insert: 'set(', label: 'set("name")', detail: 'samples kept under a name' },
  { insert: 'tag(', label: 'tag("word")', detail: 'samples with a tag' },
];
const WORDS: readonly Suggestion[] = ['and', 'or', 'not', 'in', 'True', 'False'].map((word) => ({
  insert: word, label: word, detail: '',
}));

/** A query that is longer has no colours and no completion. */
export const LONGEST_PAINTED = 5000;

/** Null where nothing is to be suggested; `asked` also suggests where nothing is typed yet. */
export function complete(text: string, caret: number, vocabulary: Vocabulary, asked = false): Completion | null {
  if (text.length > LONGEST_PAINTED) return null;
  const words = wordsOf(text.slice(0, caret));
  const before = words.filter(({ kind }) => kind !== 'space');
  const typed = words.at(-1);
  const open = typed?.closed === false ? typed : null;
  const name = open === null && typed && (typed.kind === 'name' || typed.kind === 'keyword') ? typed : null;
  if (open || name) before.pop();
  const values = valuesAt(before, vocabulary);
  if (open?.kind === 'string') {
    return finish(meaning(open), open.start, endOf(text, open), valueSuggestions(values ?? everyValue(vocabulary)));
  }
  if (open) return finish(meaning(open), open.start, endOf(text, open), columnSuggestions(vocabulary));
  if (name) return finish(name.text, name.start, caret, [...valueSuggestions(values ?? []), ...names(vocabulary)]);
  if (values && (asked || typed?.kind === 'space' || typed?.text === '[' || typed?.text === '(')) {
    return finish('', caret, caret, valueSuggestions(values));
  }
  return asked ? finish('', caret, caret, names(vocabulary)) : null;
}

/** Where the whole word ends, of which the part before the caret is `open`. */
function endOf(text: string, open: Word): number {
  const whole = wordsOf(text).find(({ start }) => start === open.start);
  return whole?.closed ? whole.stop : open.stop;
}

function finish(typed: string, from: number, to: number, all: Suggestion[]): Completion | null {
  const suggestions = matching(typed, all);
  const nothingNew = suggestions.length === 1 && suggestions[0]?.insert === typed;
  return suggestions.length === 0 || nothingNew ? null : { from, to, suggestions };
}

/** Those that start with the typed first, then those with a word that does, then the rest. */
function matching(typed: string, all: Suggestion[]): Suggestion[] {
  const wanted = typed.toLowerCase();
  const place = ({ label, insert }: Suggestion): number => {
    const shown = label.toLowerCase();
    if (shown.startsWith(wanted) || insert.toLowerCase().startsWith(wanted)) return 0;
    return [' ', '_', '-'].some((gap) => shown.includes(gap + wanted)) ? 1 : shown.includes(wanted) ? 2 : 3;
  };
  return all
    .map((suggestion) => ({ suggestion, at: place(suggestion) }))
    .filter(({ at }) => at < 3)
    .sort((a, b) => a.at - b.at)
    .map(({ suggestion }) => suggestion);
}

interface Values {
  names: readonly string[];
  what: string;
  /** Written without quotes. */
  bare?: boolean;
}

/** The names that can follow `before`, or null where any expression can. */
function valuesAt(before: readonly Word[], vocabulary: Vocabulary): Values | null {
  const last = before.at(-1);
  if (last?.text === '(') return valuesOfCall(before.at(-2)?.text ?? '', vocabulary);
  if (last?.text === '==' || last?.text === '!=') return valuesOfColumn(before.at(-2), vocabulary);
  if (last?.text !== '[' && last?.text !== ',') return null;
  const list = before.findLastIndex(({ text }) => text === '[');
  if (before[list - 1]?.text !== 'in') return null;
  return valuesOfColumn(before[before[list - 2]?.text === 'not' ? list - 3 : list - 2], vocabulary);
}

function valuesOfCall(called: string, { classes, sets, tags }: Vocabulary): Values | null {
  if (called === 'score') return { names: classes, what: 'class' };
  if (called === 'set') return { names: sets, what: 'set' };
  return called === 'tag' ? { names: tags, what: 'tag' } : null;
}

function valuesOfColumn(word: Word | undefined, vocabulary: Vocabulary): Values | null {
  const column = word && vocabulary.columns.find(({ name }) => name === meaning(word));
  if (!column?.values) return null;
  const bare = column.values[0] === 'True';
  return { names: column.values, what: column.name, bare };
}

function everyValue({ columns, classes }: Vocabulary): Values {
  return { names: [...new Set([...classes, ...columns.flatMap(({ values }) => values ?? [])])], what: '' };
}

function valueSuggestions(values: Values | readonly []): Suggestion[] {
  if (!('names' in values)) return [];
  const { names: all, what, bare } = values;
  return all.map((name) => ({ insert: bare ? name : quoted(name), label: name, detail: what }));
}

function columnSuggestions({ columns }: Vocabulary): Suggestion[] {
  return columns.map(({ name, definition }) => ({ insert: columnName(name), label: name, detail: definition }));
}

const names = (vocabulary: Vocabulary): Suggestion[] => [...columnSuggestions(vocabulary), ...FUNCTIONS, ...WORDS];
