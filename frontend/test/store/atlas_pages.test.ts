import { describe, expect, it } from 'vitest';
import { AtlasPages, type Pixels } from '../../src/store/atlas_pages';

/** Cells of one pixel whose word is the sample; two rows of two on a page. */
const INFO = { cell_width: 1, cell_height: 1, columns: 2, rows: 2, per_page: 4, pages: 3 };
const PAGE_BYTES = 4 * 4;

function atlas(pagesBytes = 1e6, cellsBytes = 1e6): { pages: AtlasPages; asked: number[] } {
  const asked: number[] = [];
  const load = (page: number): Promise<Pixels> => {
    asked.push(page);
    return Promise.resolve({ width: 2, words: Uint32Array.from({ length: 4 }, (_, k) => 4 * page + k) });
  };
  return { pages: new AtlasPages(INFO, load, pagesBytes, cellsBytes), asked };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function read(pages: AtlasPages, sample: number): number | null {
  return pages.seek(sample) ? (pages.pixels[pages.start] ?? null) : null;
}

describe('pages of the atlas', () => {
  it('are loaded when wanted and then hold the sample’s own picture', async () => {
    const { pages, asked } = atlas();
    expect(read(pages, 6)).toBeNull();
    pages.want([6]);
    await settled();
    expect(asked).toEqual([1]);
    expect([4, 5, 6, 7].map((sample) => read(pages, sample))).toEqual([4, 5, 6, 7]);
    expect(pages.arrived.value).toBe(1);
  });

  it('are loaded once, those of the most samples first', async () => {
    const { pages, asked } = atlas();
    pages.want([0, 4, 8, 9, 10]);
    pages.want([0, 4, 8, 9, 10]);
    await settled();
    pages.want([0, 4, 8, 9, 10]);
    await settled();
    expect(asked[0]).toBe(2);
    expect([...asked].sort()).toEqual([0, 1, 2]);
  });

  it('are not loaded for what is no longer wanted', async () => {
    const { pages, asked } = atlas();
    pages.want([0, 4, 8]);
    pages.want([]);
    await settled();
    expect(asked).toHaveLength(2);
  });

  it('leave when they are too many, and the wanted pictures stay', async () => {
    const { pages, asked } = atlas(PAGE_BYTES);
    const wanted = [1, 5, 9];
    pages.want(wanted);
    await settled();
    expect(wanted.map((sample) => read(pages, sample))).toEqual(wanted);
    expect([0, 4, 8].filter((sample) => read(pages, sample) !== null)).toHaveLength(1);
    for (let turn = 0; turn < 3; turn++) {
      pages.want(wanted);
      await settled();
    }
    expect(asked).toHaveLength(3);
  });

  it('are not loaded over and over for more pictures than there is room for', async () => {
    const { pages, asked } = atlas(PAGE_BYTES, 4 * 2);
    for (let turn = 0; turn < 9; turn++) {
      pages.want([0, 1, 4, 5, 8, 9]);
      await settled();
    }
    expect([0, 1].map((sample) => read(pages, sample))).toEqual([0, 1]);
    expect(asked).toEqual([0]);
  });
});
