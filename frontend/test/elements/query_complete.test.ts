import { describe, expect, it } from 'vitest';
import { type Vocabulary, complete } from '../../src/elements/query_line/complete';

const CLASSES = ['T-shirt', 'Ankle boot', 'so-called "bag"'];
const VOCABULARY: Vocabulary = {
  columns: [
    { name: 'label', definition: 'the true class', values: CLASSES },
    { name: 'label_score', definition: 'score of the label', values: null },
    { name: 'loss', definition: 'nats', values: null },
    { name: 'correct', definition: '', values: ['True', 'False'] },
    { name: 'my camera', definition: '', values: ['top', 'side'] },
  ],
  classes: CLASSES,
  sets: ['hard ones'],
  tags: ['review'],
};

/** `|` is the caret; what the first suggestions would make of the query. */
function completed(marked: string, asked = false): string[] {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found = complete(text, caret, VOCABULARY, asked);
  return (found?.suggestions ?? []).map(({ insert }) => text.slice(0, found!.from) + insert + text.slice(found!.to));
}

describe('completion', () => {
  it('goes on with columns, functions and words', () => {
    expect(completed('lab|')).toEqual(['label', 'label_score']);
    expect(completed('loss > 2 an|')).toContain('loss > 2 and');
    expect(completed('iSn|')).toEqual(['isnan(']);
    expect(completed('my|')).toEqual(['`my camera`']);
    expect(completed('score|')[0]).toBe('score(');
    expect(completed('score|')).toContain('label_score');
  });

  it('names the values of the column that is compared', () => {
    expect(completed('label == |')).toEqual(['label == "T-shirt"', 'label == "Ankle boot"', `label == 'so-called "bag"'`]);
    expect(completed('label != "boo|')).toEqual(['label != "Ankle boot"']);
    expect(completed('label in ["T-shirt", |')).toHaveLength(3);
    expect(completed('label not in [|')).toHaveLength(3);
    expect(completed('`my camera` == s|')[0]).toBe('`my camera` == "side"');
    expect(completed('correct == |')).toEqual(['correct == True', 'correct == False']);
  });

  it('names sets, tags and classes where they are asked for', () => {
    expect(completed('set(|')).toEqual(['set("hard ones"']);
    expect(completed('tag("re|')).toEqual(['tag("review"']);
    expect(completed('score(|')[0]).toBe('score("T-shirt"');
    expect(completed('"boo|')).toEqual(['"Ankle boot"']);
  });

  it('takes the place of the whole string that the caret is in', () => {
    expect(completed('label == "An|kle" and loss > 1')).toEqual(['label == "Ankle boot" and loss > 1']);
  });

  it('is silent where the word is whole, and where nothing is typed unless it is asked', () => {
    expect(completed('not correct|')).toEqual([]);
    expect(completed('loss > |')).toEqual([]);
    expect(completed('loss > |', true)).toContain('loss > label_score');
    expect(completed(`${'loss > 1 and '.repeat(1000)}lab|`)).toEqual([]);
  });
});
