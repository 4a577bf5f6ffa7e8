/** The words of a query, as far as its colours and its completion need them. */

export type WordKind = 'space' | 'keyword' | 'operator' | 'bracket' | 'number' | 'string' | 'column' | 'name' | 'other';

export interface Word {
  kind: WordKind;
  /** As it stands in the query, quotes included. */
  text: string;
  start: number;
  stop: number;
  /** False for a quote that is not closed. */
  closed: boolean;
}

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'True', 'False']);

const PATTERN =
  /(?<space>\s+)|(?<string>"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$))|(?<column>`[^`]*(?:`|$))|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<operator>[=!<>]=|[<>+\-*/%&|~])|(?<bracket>[()[\],])|(?<other>.)/gsu;

export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(PATTERN)) {
    const [found] = match;
    const kind = kindOf(match.groups ?? {}, found);
    const closed = (kind !== 'string' && kind !== 'column') || isClosed(found);
    words.push({ kind, text: found, start: match.index, stop: match.index + found.length, closed });
  }
  return words;
}

function kindOf(groups: Record<string, string | undefined>, found: string): WordKind {
  if (KEYWORDS.has(found)) return 'keyword';
  return (Object.keys(groups).find((name) => groups[name] !== undefined) ?? 'other') as WordKind;
}

function isClosed(found: string): boolean {
  const inside = found.slice(1, -1);
  if (found.length < 2 || found.at(-1) !== found[0]) return false;
  return found[0] === '`' || (/\\*$/.exec(inside)?.[0].length ?? 0) % 2 === 0;
}

/** What a string or a name in backquotes says; any other word as it stands. */
export function meaning({ kind, text, closed }: Word): string {
  const inside = text.slice(1, closed ? -1 : undefined);
  if (kind === 'string') return inside.replace(/\\([\\'"])/g, '$1');
  return kind === 'column' ? inside : text;
}

/** `text` in quotes, as a query takes it. */
export function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\');
  if (!escaped.includes('"')) return `"${escaped}"`;
  return escaped.includes("'") ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped}'`;
}

/** A column as a query names it: in backquotes where it is no plain name. */
export function columnName(name: string): string {
  const plain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !name.startsWith('__') && !RESERVED.has(name);
  return plain ? name : `\`${name}\``;
}

const RESERVED: ReadonlySet<string> = new Set([
  ...KEYWORDS, 'abs', 'isnan', 'top', 'bottom', 'top_k', 'score', 'set', 'tag', 'selected', 'confidence',
  'lambda', 'for', 'if', 'else', 'import', 'is', 'None',
]);
