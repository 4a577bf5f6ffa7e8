import { beforeEach, describe, expect, it } from 'vitest';
import {
  SampleSet,
  addTo,
  encodeMembers,
  exportCollections,
  forget,
  importCollections,
  keepSet,
  loadRun,
  namedSets,
  notStored,
  tagSamples,
  tags,
  tagsOf,
  travelling,
  untagSamples,
} from '../../src/store';
import { parseCsv } from '../../src/csv';
import { parseCollections, printCollections } from '../../src/store/collections_csv';
import { encodeColumns } from '../columns';
import { type Shelf, emptyShelf } from '../storage';
import { openRun, serveRun, served, serveEachTest } from './served';

serveEachTest();

let shelf: Shelf;
const some = SampleSet.of([1, 4], 6);
const members = (set: SampleSet | undefined): number[] => [...(set?.indices() ?? [])];

/** Each test has samples of its own, so that none finds what another has kept. */
let probes = 0;
beforeEach(async () => {
  shelf = emptyShelf();
  await openRun(1);
  serveRun(({ manifest }) => (manifest.probe = `probe ${probes++}`));
  await loadRun();
});

describe('a named set', () => {
  it('is there after a reload, for the same samples only', async () => {
    keepSet('  hard\n ones ', some);
    expect(members(namedSets.value.get('hard ones'))).toEqual([1, 4]);
    const probe = `probe ${probes - 1}`;
    serveRun(({ manifest }) => (manifest.probe = 'others'));
    await loadRun();
    expect(namedSets.value.size).toBe(0);
    serveRun(({ manifest }) => (manifest.probe = probe));
    await loadRun();
    expect(members(namedSets.value.get('hard ones'))).toEqual([1, 4]);
  });

  it('is replaced, added to and forgotten by its name, whatever that is', () => {
    for (const name of ['__proto__', 'constructor', '<img src=x>', '=1+1']) {
      keepSet(name, some);
      addTo('sets', name, SampleSet.of([0], 6));
      expect(members(namedSets.value.get(name))).toEqual([0, 1, 4]);
      keepSet(name, some);
      expect(members(namedSets.value.get(name))).toEqual([1, 4]);
      forget('sets', name);
      expect(namedSets.value.has(name)).toBe(false);
    }
    keepSet('   ', some);
    expect(namedSets.value.size).toBe(0);
  });

  it('stays until the page is left where the browser keeps nothing, which is said', () => {
    shelf.full = true;
    keepSet('a', some);
    keepSet('b', some);
    expect([...namedSets.value.keys()]).toEqual(['a', 'b']);
    expect(notStored.value).toBe(true);
    shelf.full = false;
    keepSet('c', some);
    expect(notStored.value).toBe(false);
    expect([...shelf.kept.values()].join()).toContain('"a"');
  });

  it('that was stored by something else is passed over', async () => {
    const good = encodeMembers(some, 6);
    shelf.kept.set(`cnnvis.collections.probe ${probes}`, JSON.stringify({ sets: [['a', good], ['b', 'AAAAAAA='], ['c', 3], [4, good]], tags: 'x' }));
    serveRun(({ manifest }) => (manifest.probe = `probe ${probes++}`));
    await loadRun();
    expect([...namedSets.value.keys()]).toEqual(['a']);
    expect(tags.value.size).toBe(0);
  });
});

describe('a tag', () => {
  it('is put on samples and taken off them', () => {
    tagSamples('review', some);
    tagSamples('review', SampleSet.of([2], 6));
    tagSamples('odd', SampleSet.of([2], 6));
    expect(tagsOf(2)).toEqual(['odd', 'review']);
    untagSamples('review', SampleSet.of([2, 4], 6));
    expect(members(tags.value.get('review'))).toEqual([1]);
    untagSamples('odd', SampleSet.of([2], 6));
    expect(tags.value.has('odd')).toBe(false);
  });
});

describe('a query', () => {
  it('takes along the sets and tags that it can name, and no others', () => {
    keepSet('hard', some);
    tagSamples('review', some);
    expect(travelling('loss > 2', 6)).toEqual({ sets: {}, tags: {} });
    expect(Object.keys(travelling('set("hadr")', 6).sets)).toEqual(['hard']);
    expect(Object.keys(travelling('not tag ("review")', 6).tags)).toEqual(['review']);
  });
});

const PLACES = {
  splits: [{ name: 'train', start: 0, count: 2 }, { name: '=val, "x"', start: 2, count: 4 }],
  sourceIndex: Int32Array.from([7, 9, 7, 8, 9, 9]),
};

describe('sets and tags as CSV', () => {
  it('come back as they were, with names that are hostile to it', () => {
    const names = ['plain', '=cmd|calc', "'=quoted", '@x', '-1', 'a,"b"', "it's", '<b>'];
    const sets = new Map(names.map((name, k) => [name, SampleSet.of([k % 4], 6)] as const));
    const text = printCollections(sets, new Map([['odd', SampleSet.of([0, 3], 6)]]), PLACES);
    for (const cell of parseCsv(text).flat()) expect(cell).not.toMatch(/^[=+\-@]/);
    const { collections, unmatched } = parseCollections(text, PLACES);
    expect(unmatched).toEqual([]);
    expect([...collections.sets]).toEqual(names.map((name, k) => [name, [k % 4]]));
    expect([...collections.tags]).toEqual([['odd', [0, 3]]]);
  });

  it('say of each row what it did not match', () => {
    const rows = ['kind,name,split,source_index', 'set,a,train,7', 'set,a,train,8', 'bag,a,train,7', 'tag,,train,7', 'tag,b,test,7', 'tag,b', '', '__proto__,x,train,7'];
    const { collections, matched, unmatched } = parseCollections(rows.join('\n'), PLACES);
    expect([[...collections.sets], matched]).toEqual([[['a', [0]]], 1]);
    expect(unmatched).toEqual([
      "line 3: no watched sample of 'train' has the source index '8'",
      "line 4: the kind 'bag' is neither set nor tag",
      'line 5: it has no name',
      "line 6: there is no split 'test'",
      "line 7: there is no split ''",
      "line 9: the kind '__proto__' is neither set nor tag",
    ]);
  });

  it('are refused where the columns are others', () => {
    expect(() => parseCollections('name,label\na,b', PLACES)).toThrow('kind, name, split, source_index');
    expect(() => parseCollections('', PLACES)).toThrow('kind, name, split, source_index');
  });

  it('take columns in any order, and samples that share a source index', () => {
    const text = '\ufeffsource_index,kind,name,split\r\n9,set,a,"\'=val, ""x"""\r\n';
    expect([...parseCollections(text, PLACES).collections.sets]).toEqual([['a', [4, 5]]]);
  });

  it('are written from and added to what is kept', async () => {
    served().answers.set('columns', () => ({ body: encodeColumns({}, { source_index: Int32Array.from([7, 9, 7, 8, 9, 5]) }) }));
    keepSet('a', some);
    const text = await exportCollections();
    forget('sets', 'a');
    keepSet('a', SampleSet.of([0], 6));
    expect(await importCollections(`${text}set,a,train,1000\r\n`)).toBe(
      "1 set and 0 tags read, 2 rows matched. 1 did not: line 4: no watched sample of 'train' has the source index '1000'.",
    );
    expect(members(namedSets.value.get('a'))).toEqual([0, 1, 4]);
  });
});
