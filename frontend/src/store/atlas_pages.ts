/** Thumbnails as pixels, for what draws many: pages of the atlas, loaded as they are wanted. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { atlasUrl } from '../api';
import { type TileSource } from '../draw/tiles';
import { type AtlasInfo } from '../schema';
import { payload } from './state';

/** All pages held at once, at most. */
const PAGES_BYTES = 256 * 2 ** 20;
/** Pictures kept of pages that have left. */
const CELLS_BYTES = 96 * 2 ** 20;
const AT_ONCE = 2;
const RETRY_MS = 4000;

export interface Pixels {
  readonly width: number;
  /** Row-major, little-endian RGBA. */
  readonly words: Uint32Array;
}

/**
 * One level of a run's atlas. `seek` reads what is here; `want` asks for what is drawn. Pages leave
 * when they are too many, and what was wanted of them stays: then each picture takes its own room.
 */
export class AtlasPages implements TileSource {
  readonly cellWidth: number;
  readonly cellHeight: number;
  pixels: Uint32Array = new Uint32Array(0);
  start = 0;
  stride = 0;
  /** Counts the pages that have arrived. */
  readonly arrived = signal(0);
  private readonly pages = new Map<number, Pixels>();
  private readonly cells = new Map<number, Uint32Array>();
  private readonly loading = new Set<number>();
  private readonly failed = new Map<number, number>();
  /** Wanted samples that are not here, by page. */
  private missing = new Map<number, number[]>();
  private bytes = 0;
  /** Whether all pages can stay. */
  private readonly fits: boolean;
  private readonly cellBytes: number;

  constructor(
    private readonly info: AtlasInfo,
    private readonly load: (page: number) => Promise<Pixels>,
    private readonly pagesBytes = PAGES_BYTES,
    private readonly cellsBytes = CELLS_BYTES,
  ) {
    this.cellWidth = info.cell_width;
    this.cellHeight = info.cell_height;
    this.cellBytes = 4 * info.cell_width * info.cell_height;
    this.fits = info.pages * info.per_page * this.cellBytes <= pagesBytes;
  }

  seek(sample: number): boolean {
    const { per_page: perPage, columns } = this.info;
    const page = this.pages.get(Math.floor(sample / perPage));
    if (page === undefined) return this.seekCell(sample);
    const cell = sample % perPage;
    const start =
      Math.floor(cell / columns) * this.cellHeight * page.width + (cell % columns) * this.cellWidth;
    if (start + (this.cellHeight - 1) * page.width + this.cellWidth > page.words.length) return false;
    [this.pixels, this.start, this.stride] = [page.words, start, page.width];
    return true;
  }

  private seekCell(sample: number): boolean {
    const cell = this.cells.get(sample);
    if (cell === undefined) return false;
    [this.pixels, this.start, this.stride] = [cell, 0, this.cellWidth];
    return true;
  }

  /**
   * Asks for these samples alone, the pages of most of them first; of more than there is room for,
   * the first ones.
   */
  want(samples: Iterable<number>): void {
    this.missing = new Map();
    const touched = new Set<number>();
    let room = this.fits ? Infinity : Math.floor(this.cellsBytes / this.cellBytes);
    for (const sample of samples) {
      if (room-- <= 0) break;
      const page = Math.floor(sample / this.info.per_page);
      const cell = this.cells.get(sample);
      if (this.pages.has(page)) touched.add(page);
      else if (cell) renew(this.cells, sample, cell);
      else if (this.missing.has(page)) this.missing.get(page)?.push(sample);
      else this.missing.set(page, [sample]);
    }
    for (const page of touched) renew(this.pages, page, this.pages.get(page)!);
    this.work();
  }

  private work(): void {
    const now = performance.now();
    const waiting = [...this.missing]
      .filter(([page]) => !this.loading.has(page) && now >= (this.failed.get(page) ?? 0))
      .sort((a, b) => b[1].length - a[1].length);
    for (const [page] of waiting.slice(0, Math.max(0, AT_ONCE - this.loading.size))) void this.fetch(page);
  }

  private async fetch(page: number): Promise<void> {
    this.loading.add(page);
    try {
      this.arrive(page, await this.load(page));
    } catch {
      this.failed.set(page, performance.now() + RETRY_MS);
      setTimeout(() => this.work(), RETRY_MS);
    } finally {
      this.loading.delete(page);
      this.work();
    }
  }

  private arrive(page: number, pixels: Pixels): void {
    this.pages.set(page, pixels);
    this.bytes += pixels.words.byteLength;
    for (const oldest of this.pages.keys()) {
      if (this.bytes <= this.pagesBytes || oldest === page) break;
      this.drop(oldest);
    }
    for (const sample of this.missing.get(page) ?? []) this.keep(sample);
    this.missing.delete(page);
    this.arrived.value++;
  }

  private drop(page: number): void {
    this.bytes -= this.pages.get(page)?.words.byteLength ?? 0;
    this.pages.delete(page);
  }

  /** Copies a picture out of its page, where the pages do not all fit. */
  private keep(sample: number): void {
    if (this.fits || !this.seek(sample)) return;
    const { pixels, start, stride, cellWidth, cellHeight } = this;
    const cell = new Uint32Array(cellWidth * cellHeight);
    for (let y = 0; y < cellHeight; y++) {
      cell.set(pixels.subarray(start + y * stride, start + y * stride + cellWidth), y * cellWidth);
    }
    this.cells.set(sample, cell);
    for (const oldest of this.cells.keys()) {
      if (this.cells.size * this.cellBytes <= this.cellsBytes) break;
      this.cells.delete(oldest);
    }
  }
}

/** Last to leave. */
function renew<T>(entries: Map<number, T>, key: number, value: T): void {
  entries.delete(key);
  entries.set(key, value);
}

const STRIP_BYTES = 4 * 2 ** 20;

/** The page of an image's address, read in strips between which the page stays alive. */
export async function readPage(url: string): Promise<Pixels> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const bitmap = await createImageBitmap(image);
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.floor(STRIP_BYTES / (4 * width)));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, Math.min(rows, height)];
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  const words = new Uint32Array(width * height);
  for (let top = 0; top < height; top += rows) {
    const high = Math.min(rows, height - top);
    context.drawImage(bitmap, 0, top, width, high, 0, 0, width, high);
    words.set(new Uint32Array(context.getImageData(0, 0, width, high).data.buffer), top * width);
    await new Promise((resume) => setTimeout(resume));
  }
  bitmap.close();
  return { width, words };
}

/** The two levels of the shown run's atlas: [full, small]; one of them where there is no small one. */
export const atlasLevels: ReadonlySignal<readonly AtlasPages[]> = computed(() => {
  const shown = shownAtlas.value;
  return shown.infos.map((info, level) => new AtlasPages(info, (page) => readPage(atlasUrl(shown.run, page, level))));
});

interface ShownAtlas {
  run: string;
  infos: AtlasInfo[];
  key: string;
}

let lastAtlas: ShownAtlas = { run: '', infos: [], key: '' };

/** Changes only when the pictures do: a run payload is read anew at each restart. */
const shownAtlas: ReadonlySignal<ShownAtlas> = computed(() => {
  const shown = payload.value;
  const infos = shown ? [shown.atlas, ...(shown.atlas_small ? [shown.atlas_small] : [])] : [];
  const key = JSON.stringify([shown?.run, shown?.manifest.probe, infos]);
  if (key !== lastAtlas.key) lastAtlas = { run: shown?.run ?? '', infos: infos.filter(({ pages }) => pages > 0), key };
  return lastAtlas;
});

/**
 * The levels to draw pictures from that are `size` device pixels long, the best fit first. Ask each
 * of them for the samples; read `arrived` to draw again.
 */
export function atlasFor(size: number): readonly AtlasPages[] {
  const [full, small] = atlasLevels.value;
  if (!full) return [];
  if (!small) return [full];
  return size <= Math.max(small.cellWidth, small.cellHeight) ? [small] : [full, small];
}
