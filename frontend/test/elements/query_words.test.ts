import { describe, expect, it } from 'vitest';
import { columnName, meaning, quoted, wordsOf } from '../../src/elements/query_line/words';

const kinds = (text: string): string[] => wordsOf(text).filter(({ kind }) => kind !== 'space').map(({ kind, text: word }) => `${kind} ${word}`);

describe('the words of a query', () => {
  it('are told apart', () => {
    expect(kinds('loss>=2.5e-3 and not `my col` in ["a\\"b", \'c\']')).toEqual([
      'name loss', 'operator >=', 'number 2.5e-3', 'keyword and', 'keyword not', 'column `my col`', 'keyword in',
      'bracket [', 'string "a\\"b"', 'bracket ,', "string 'c'", 'bracket ]',
    ]);
  });

  it('cover all of any text, in order, whatever it holds', () => {
    for (const text of ['', '"', '\\', "'\\", '`', '1.e', 'loss = 😀; "é', 'a\n\tb', '__x.y**2', '"\\"']) {
      expect(wordsOf(text).map(({ text: word }) => word).join('')).toBe(text);
    }
  });

  it('include quotes that are not closed', () => {
    const closed = (text: string): boolean | undefined => wordsOf(text).at(-1)?.closed;
    expect(['"boot"', '"boot', '"boot\\"', '"boot\\\\"', '"', "'", '`a', '`a`'].map(closed))
      .toEqual([true, false, false, true, false, false, false, true]);
  });
});

describe('a name in a query', () => {
  it('says in quotes what it says', () => {
    for (const name of ['boot', 'a "b"', "it's", `"'`, 'back\\slash', 'end\\', '\\"', '']) {
      const [word, ...others] = wordsOf(quoted(name));
      expect([word && meaning(word), word?.closed, others]).toEqual([name, true, []]);
    }
  });

  it('of a column has backquotes where it needs them', () => {
    expect(['loss', 'größe', 'my col', '2nd', 'in', 'set', '__proto__'].map(columnName))
      .toEqual(['loss', 'größe', '`my col`', '`2nd`', '`in`', '`set`', '`__proto__`']);
  });
});
