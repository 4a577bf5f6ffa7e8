import { describe, expect, it } from 'vitest';
import { DISC, HIDDEN, HOLLOW, type Ink, SELECTED, WRONG } from '../../src/draw/points';
import { type Raster } from '../../src/draw/splat';
import { TileCache, type TileSource, type TileStyle, drawTiles, fillRaster } from '../../src/draw/tiles';

const INK: Ink = { ground: [255, 255, 255], ink: [33, 33, 33], wrong: [198, 40, 40], edge: [0, 0, 0], edgeAlpha: 0 };
const SIDE = 40;

/** Sample i's picture is 4x4, left half (i, 10, 20), right half (i, 200, 100), in a page two cells wide. */
class Page implements TileSource {
  readonly cellWidth = 4;
  readonly cellHeight = 4;
  readonly pixels: Uint32Array;
  readonly stride = 8;
  start = 0;

  constructor(private readonly known: number) {
    this.pixels = new Uint32Array(8 * 4 * Math.ceil(known / 2));
    for (let i = 0; i < known; i++) {
      for (let p = 0; p < 16; p++) {
        const [green, blue] = p % 4 < 2 ? [10, 20] : [200, 100];
        const at = Math.floor(i / 2) * 32 + (i % 2) * 4 + Math.floor(p / 4) * 8 + (p % 4);
        this.pixels[at] = ((255 << 24) | (blue << 16) | (green << 8) | i) >>> 0;
      }
    }
  }

  seek(sample: number): boolean {
    this.start = Math.floor(sample / 2) * 32 + (sample % 2) * 4;
    return sample < this.known;
  }
}

interface Drawn {
  centres: number[];
  flags?: number[];
  body?: number;
  style?: Partial<TileStyle>;
  known?: number;
  someSelected?: boolean;
}

function draw({ centres, flags, body = DISC, style = {}, known = 9, someSelected = false }: Drawn): (x: number, y: number) => number[] {
  const raster: Raster = { width: SIDE, height: SIDE, pixels: new Uint8ClampedArray(4 * SIDE * SIDE) };
  fillRaster(raster, INK.ground);
  const count = centres.length / 2;
  const tiles = {
    centres: Float32Array.from(centres),
    colours: Uint8Array.from(Array.from({ length: count }, () => [0, 0, 255, body]).flat()),
    flags: Uint8Array.from(flags ?? Array.from({ length: count }, () => 0)),
    order: Uint32Array.from({ length: count }, (_, i) => i),
  };
  drawTiles(raster, [new Page(known)], tiles, { width: 8, height: 8, border: 0, ...style }, INK, someSelected);
  return (x, y) => [...raster.pixels.subarray(4 * (y * SIDE + x), 4 * (y * SIDE + x) + 4)];
}

const WHITE = [255, 255, 255, 255];
const CLASS = [0, 0, 255, 255];

describe('tiles', () => {
  it('too small for a border show their colour over the picture', () => {
    const at = draw({ centres: [20, 20], style: { tint: 128 } });
    expect(at(17, 20)).toEqual([0, 5, 137, 255]);
    expect(at(22, 20)).toEqual([0, 100, 177, 255]);
  });

  it('enlarge by the nearest pixel, exactly in their rectangle', () => {
    const at = draw({ centres: [-99, -99, 20, 20] });
    expect(at(16, 16)).toEqual([1, 10, 20, 255]);
    expect(at(19, 23)).toEqual([1, 10, 20, 255]);
    expect(at(20, 16)).toEqual([1, 200, 100, 255]);
    expect(at(23, 23)).toEqual([1, 200, 100, 255]);
    for (const [x, y] of [[15, 16], [24, 20], [20, 15], [20, 24]] as const) expect(at(x, y)).toEqual(WHITE);
  });

  it('reduce by the mean of what a pixel covers', () => {
    const at = draw({ centres: [20, 20], style: { width: 1, height: 1 } });
    expect(at(20, 20)).toEqual([0, 105, 60, 255]);
    const two = draw({ centres: [20, 20], style: { width: 2, height: 2 } });
    expect([two(19, 19), two(20, 20)]).toEqual([[0, 10, 20, 255], [0, 200, 100, 255]]);
  });

  it('show each sample its own picture, the later above the earlier', () => {
    const at = draw({ centres: [10, 10, 30, 10, 14, 10] });
    expect([at(7, 10)[0], at(31, 10)[0], at(12, 10)[0]]).toEqual([0, 1, 2]);
  });

  it('are cut at the edges of the raster', () => {
    const at = draw({ centres: [0, 0, 40, 40], style: { border: 2 } });
    expect(at(3, 3)).toEqual([0, 200, 100, 255]);
    expect(at(4, 0)).toEqual(CLASS);
    expect(at(36, 36)).toEqual([1, 10, 20, 255]);
    expect(at(20, 20)).toEqual(WHITE);
  });

  it('have a border in the colour of the class, dashed where that is hollow', () => {
    const solid = draw({ centres: [20, 20], style: { border: 1 } });
    const dashed = draw({ centres: [20, 20], style: { border: 1 }, body: HOLLOW });
    const row = (at: typeof solid): string[] => Array.from({ length: 10 }, (_, k) => String(at(15 + k, 15)));
    expect(new Set(row(solid))).toEqual(new Set([String(CLASS)]));
    expect(new Set(row(dashed))).toEqual(new Set([String(CLASS), String(WHITE)]));
    expect(solid(14, 20)).toEqual(WHITE);
  });

  it('outline the selected in ink and dim the others', () => {
    const at = draw({ centres: [10, 20, 30, 20], flags: [SELECTED, 0], style: { border: 1 }, someSelected: true });
    expect(at(4, 20)).toEqual([33, 33, 33, 255]);
    expect(at(7, 20)).toEqual([0, 10, 20, 255]);
    const dimmed = at(27, 20);
    expect(dimmed[1]).toBeGreaterThan(180);
    expect(dimmed[1]).toBeLessThan(220);
    expect(at(24, 20)).toEqual(WHITE);
  });

  it('mark a wrong prediction by a corner, once that can be seen', () => {
    const at = draw({ centres: [20, 20], flags: [WRONG], style: { width: 12, height: 12 } });
    expect(at(25, 14)).toEqual([198, 40, 40, 255]);
    expect(at(14, 14)).toEqual([0, 10, 20, 255]);
    expect(draw({ centres: [20, 20], flags: [WRONG] })(23, 16)).toEqual([0, 200, 100, 255]);
  });

  it('tint the place of a picture that is not here, and leave out what is hidden or nowhere', () => {
    const at = draw({ centres: [20, 20], known: 0 });
    expect(at(20, 20)).toEqual([191, 191, 255, 255]);
    expect(draw({ centres: [20, 20], flags: [HIDDEN] })(20, 20)).toEqual(WHITE);
    expect(draw({ centres: [NaN, 20] })(20, 20)).toEqual(WHITE);
  });

  it('come out the same from the cache, also in another size', () => {
    const raster: Raster = { width: SIDE, height: SIDE, pixels: new Uint8ClampedArray(4 * SIDE * SIDE) };
    const tiles = {
      centres: Float32Array.from([10, 10, 30, 30]),
      colours: new Uint8Array(8),
      flags: new Uint8Array(2),
      order: Uint32Array.from([0, 1]),
    };
    const [cache, source] = [new TileCache(), new Page(2)];
    const paint = (width: number): string => {
      fillRaster(raster, INK.ground);
      drawTiles(raster, [source], tiles, { width, height: width, border: 0 }, INK, false, cache);
      return String(raster.pixels);
    };
    const [first, second, other, back] = [paint(3), paint(3), paint(6), paint(3)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(back).toBe(first);
  });
});
