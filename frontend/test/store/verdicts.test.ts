import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Verdict,
  canUndoVerdict,
  exportVerdicts,
  importVerdicts,
  judge,
  judgedSet,
  loadRun,
  undoVerdict,
  verdicts,
  verdictsNotStored,
} from '../../src/store';
import { startVerdicts } from '../../src/store/verdicts';
import { type Samples, parseVerdicts, printVerdicts } from '../../src/store/verdicts_csv';
import { encodeColumns } from '../columns';
import { type Shelf, emptyShelf } from '../storage';
import { openRun, serveRun, served, serveEachTest, stops } from './served';

serveEachTest();

let shelf: Shelf;
let probes = 0;

/** The page as it is after a reload: nothing but what the browser kept. */
async function reload(): Promise<void> {
  const key = `cnnvis.verdicts.probe ${probes}`;
  const stop = startVerdicts();
  dispatchEvent(Object.assign(new Event('storage'), { key }));
  stop();
  await loadRun();
}

beforeEach(async () => {
  shelf = emptyShelf();
  const target = new EventTarget();
  Object.assign(globalThis, {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
  });
  probes++;
  await openRun(3);
  serveRun(({ manifest }) => (manifest.probe = `probe ${probes}`));
  await loadRun();
});

const relabel = (to: number, score = 0.5): Verdict => ({ word: 'relabel', to, score });
const kept = (): [number, Verdict][] => [...verdicts.value].sort(([a], [b]) => a - b);

describe('verdicts', () => {
  it('survive a reload, with the way to take the last ones back', async () => {
    judge(new Map([[3, relabel(1)]]));
    judge(new Map([[0, { word: 'keep', to: 2, score: NaN }]]));
    judge(new Map([[3, { word: 'ambiguous', to: 1, score: 0.5 }]]));
    await reload();
    expect(kept()).toEqual([[0, { word: 'keep', to: 2, score: NaN }], [3, { word: 'ambiguous', to: 1, score: 0.5 }]]);
    expect(undoVerdict()).toBe(3);
    expect(verdicts.value.get(3)).toEqual(relabel(1));
    await reload();
    expect(undoVerdict()).toBe(0);
    expect(undoVerdict()).toBe(3);
    expect(kept()).toEqual([]);
    expect(canUndoVerdict.value).toBe(false);
    expect(undoVerdict()).toBeNull();
  });

  it('belong to a probe set', async () => {
    judge(new Map([[1, relabel(0)]]));
    serveRun(({ manifest }) => (manifest.probe = 'others'));
    await loadRun();
    expect(verdicts.value.size).toBe(0);
    serveRun(({ manifest }) => (manifest.probe = `probe ${probes}`));
    await loadRun();
    expect(kept()).toEqual([[1, relabel(0)]]);
  });

  it('given together are taken back together', () => {
    judge(new Map([[2, relabel(0)]]));
    judge(new Map([[1, relabel(2)], [2, relabel(1)]]));
    expect(undoVerdict()).toBe(1);
    expect(kept()).toEqual([[2, relabel(0)]]);
  });

  it('stay until the page is left where the browser keeps nothing, which is said', () => {
    shelf.full = true;
    judge(new Map([[1, relabel(0)]]));
    judge(new Map([[2, relabel(0)]]));
    expect(verdicts.value.size).toBe(2);
    expect(verdictsNotStored.value).toBe(true);
    shelf.full = false;
    judge(new Map([[3, relabel(0)]]));
    expect(verdictsNotStored.value).toBe(false);
    expect([...shelf.kept.values()].join()).toContain('[1,"relabel",0,0.5]');
  });

  it('of another tab are heard of', () => {
    stops.push(startVerdicts());
    expect(verdicts.value.size).toBe(0);
    const key = `cnnvis.verdicts.probe ${probes}`;
    shelf.kept.set(key, JSON.stringify({ verdicts: [[4, 'keep', 1, 0.25]], past: [[[4]]] }));
    dispatchEvent(Object.assign(new Event('storage'), { key }));
    expect(kept()).toEqual([[4, { word: 'keep', to: 1, score: 0.25 }]]);
    expect(undoVerdict()).toBe(4);
  });

  it('that something else has stored, or that are of no class or sample here, are passed over', async () => {
    const good = [1, 'keep', 0, 0.5];
    const bad = [[1.5, 'keep', 0, 1], [2, 'drop', 0, 1], [2, 'keep', -1, 1], 'x', null, [60, 'keep', 0, 1], [2, 'keep', 99, 1]];
    shelf.kept.set(`cnnvis.verdicts.probe ${probes}`, JSON.stringify({ verdicts: [...bad, good], past: [[['x']], 7, [[1]]] }));
    await reload();
    expect(kept()).toEqual([[1, { word: 'keep', to: 0, score: 0.5 }]]);
    expect(undoVerdict()).toBe(1);
    expect(canUndoVerdict.value).toBe(false);
    shelf.kept.set(`cnnvis.verdicts.probe ${probes}`, '"nonsense');
    await reload();
    expect(verdicts.value.size).toBe(0);
  });

  it('select their samples', () => {
    judge(new Map([[1, relabel(0)], [4, relabel(2)], [2, { word: 'keep', to: 0, score: 1 }]]));
    expect([...judgedSet('relabel').indices()]).toEqual([1, 4]);
    expect(judgedSet('ambiguous').size).toBe(0);
  });
});

const NAMES = ['cat', '=dog', 'a, "b"\nc'];
const samples: Samples = {
  find: (split, source) => (split === 'train' ? [0, 1, 2].find((index) => String(10 * index) === source) : undefined),
  labelOf: (index) => NAMES[index] ?? '',
  classNames: NAMES,
};

describe('the file of verdicts', () => {
  const all = [
    [{ sourceIndex: 10, label: '=dog', split: 'train', id: null }, relabel(2, 1 / 3)],
    [{ sourceIndex: 0, label: 'cat', split: 'train', id: null }, { word: 'keep', to: 1, score: NaN }],
  ] as const;

  it('has exactly the columns that Python reads, names being text', () => {
    expect(printVerdicts(all, NAMES, false)).toBe(
      'source_index,label,suggested_label,verdict,score,split\n' +
        '10,\'=dog,"a, ""b""\nc",relabel,0.333333,train\n' +
        "0,cat,'=dog,keep,,train\n",
    );
    const [first] = all;
    expect(printVerdicts([[{ ...first[0], id: '+1' }, first[1]]], NAMES, true)).toMatch(/split,id\n.*\n.*,train,'\+1\n$/s);
  });

  it('is read back as it was written', () => {
    const { verdicts: read, refused } = parseVerdicts(printVerdicts(all, NAMES, false), samples);
    expect(refused).toEqual([]);
    expect([...read]).toEqual([[1, relabel(2, 0.333333)], [0, { word: 'keep', to: 1, score: NaN }]]);
  });

  it('is refused where it is another one, with what was expected', () => {
    expect(() => parseVerdicts('kind,name,split,source_index\n', samples)).toThrow(
      'No verdicts: the first line should name the columns source_index, label, suggested_label, verdict, score, split; it has: kind, name, split, source_index.',
    );
    expect(() => parseVerdicts('', samples)).toThrow('No verdicts');
  });

  it('has rows that do not fit told by their rows', () => {
    const rows = ['7,cat,cat,keep,1,train', '0,cat,cat,drop,1,train', "0,'=dog,cat,keep,1,train", '0,cat,horse,relabel,1,train', '0,cat,cat,keep,1,test', '', "0,cat,'=dog,relabel,0.9,train"];
    const { verdicts: read, refused } = parseVerdicts(`source_index,label,suggested_label,verdict,score,split\n${rows.join('\n')}\n`, samples);
    expect([...read]).toEqual([[0, relabel(1, 0.9)]]);
    expect(refused).toEqual([
      "row 2: no watched sample of 'train' has the source index '7'",
      "row 3: the verdict 'drop' is none of keep, relabel, ambiguous",
      "row 4: the label is 'cat', not '=dog'",
      "row 5: there is no class 'horse'",
      "row 6: no watched sample of 'test' has the source index '0'",
    ]);
  });

  it('goes out and comes back by the run that is shown', async () => {
    serveRun(({ manifest }) => {
      manifest.probe = `probe ${probes}`;
      manifest.class_names = NAMES;
      manifest.splits = manifest.splits.map((split, k) => ({ ...split, start: 3 * k, count: 3 })).slice(0, 2);
      manifest.has_ids = true;
    });
    await loadRun();
    const columns = { source_index: Int32Array.of(0, 10, 20, 0, 10, 20), label: Int32Array.of(0, 1, 2, 0, 1, 2) };
    served().answers.set('columns', () => ({ body: encodeColumns({}, columns) }));
    served().answers.set('table', () => {
      const chosen = { source_index: Int32Array.of(10, 0), label: Int32Array.of(1, 0) };
      return { body: encodeColumns({ total: 2, offset: 0, focus_position: null, text: { id: ['a', 'b'] } }, chosen) };
    });
    judge(new Map([[3, { word: 'ambiguous', to: 2, score: 0.25 }]]));
    judge(new Map([[1, relabel(2, 0.5)]]));
    const before = kept();
    const text = await exportVerdicts();
    expect(text.split('\n')[0]).toBe('source_index,label,suggested_label,verdict,score,split,id');
    expect(text).toContain(',relabel,0.5,train,a\n');
    expect(text).toContain(',ambiguous,0.25,validation,b\n');
    undoVerdict();
    undoVerdict();
    expect(verdicts.value.size).toBe(0);
    expect(await importVerdicts(`${text}99,cat,cat,keep,1,train,z\n`)).toBe(
      "2 verdicts read. 1 row could not be: row 4: no watched sample of 'train' has the source index '99'.",
    );
    expect(kept()).toEqual(before);
    expect(undoVerdict()).not.toBeNull();
    expect(verdicts.value.size).toBe(0);
  });
});
