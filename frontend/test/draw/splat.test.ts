import { describe, expect, it } from 'vitest';
import {
  DISC,
  HOLLOW,
  SELECTED,
  WRONG,
  type Ink,
  type Points,
  drawOrder,
  shuffled,
} from '../../src/draw/points';
import { type Raster, SplatCache, splat } from '../../src/draw/splat';
import { type Viewport } from '../../src/draw/viewport';

const INK: Ink = {
  ground: [255, 255, 255],
  ink: [33, 33, 33],
  wrong: [198, 40, 40],
  edge: [0, 0, 0],
  edgeAlpha: 0,
};
const STYLE = { diameter: 8, opacity: 1 };
/** One unit is one pixel; the plane's origin is the centre of pixel (20, 20). */
const VIEWPORT: Viewport = { x: -0.5, y: 0.5, scale: 1, width: 40, height: 40 };

function points(xy: number[], colours: number[], flags: number[], t = 1, from = xy): Points {
  const marks = Uint8Array.from(flags);
  return {
    count: marks.length,
    from: Float32Array.from(from),
    to: Float32Array.from(xy),
    t,
    colours: Uint8Array.from(colours),
    flags: marks,
    order: drawOrder(shuffled(marks.length, 0), marks),
  };
}

function draw(drawn: Points, someSelected = false, style = STYLE): (x: number, y: number) => number[] {
  const raster: Raster = { width: 40, height: 40, pixels: new Uint8ClampedArray(40 * 40 * 4) };
  splat(raster, drawn, VIEWPORT, style, INK, 1, someSelected);
  return (x, y) => [...raster.pixels.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
}

const near = (actual: number[], wanted: number[], by = 3): void => {
  actual.forEach((value, k) => expect(Math.abs(value - wanted[k]!)).toBeLessThanOrEqual(by));
};

describe('points splatted on the CPU', () => {
  it('show their own colour on the ground of the theme', () => {
    const at = draw(points([0, 0], [30, 142, 247, DISC], [0]));
    near(at(20, 20), [30, 142, 247, 255]);
    near(at(23, 20), [30, 142, 247, 255], 60);
    expect(at(25, 20)).toEqual([255, 255, 255, 255]);
  });

  it('let the ground through by their opacity', () => {
    near(draw(points([0, 0], [0, 0, 0, DISC], [0]), false, { diameter: 8, opacity: 0.5 })(20, 20), [
      128, 128, 128, 255,
    ]);
  });

  it('stand where they are on their way between two layouts', () => {
    const at = draw(points([10, 0], [0, 0, 0, DISC], [0], 0.5, [-10, 0]));
    near(at(20, 20), [0, 0, 0, 255]);
    expect(at(30, 20)).toEqual([255, 255, 255, 255]);
  });

  it('ring a wrong one beyond a gap and cross it', () => {
    const at = draw(points([0, 0], [30, 142, 247, DISC], [WRONG]));
    const [red, green] = at(20 - 5, 20);
    expect(red! - green!).toBeGreaterThan(60);
    expect(at(20, 20)[0]).toBeGreaterThan(150);
    near(at(20 + 2, 20), [30, 142, 247, 255], 12);
    const plain = draw(points([0, 0], [30, 142, 247, DISC], [0]));
    expect(plain(25, 20)).toEqual([255, 255, 255, 255]);
  });

  it('outline a selected one in ink and dim the others', () => {
    const at = draw(points([0, 0, 12, 0], [30, 142, 247, DISC, 0, 0, 0, DISC], [SELECTED, 0]), true);
    expect(at(16, 20)[2]).toBeLessThan(120);
    near(at(32, 20), [199, 199, 199, 255], 4);
  });

  it('leave the middle of a hollow one almost clear', () => {
    const at = draw(points([0, 0], [0, 0, 0, HOLLOW], [0]));
    expect(at(20, 20)[0]).toBeGreaterThan(190);
    expect(at(23, 20)[0]).toBeLessThan(90);
  });

  it('skip points without a place and cut points at the border', () => {
    const drawn = points([NaN, 0, Infinity, 3, -20, 0], Array(12).fill(0), [0, 0, 0]);
    const at = draw(drawn);
    expect(at(0, 20)[0]).toBeLessThan(40);
    expect(at(39, 20)).toEqual([255, 255, 255, 255]);
    expect(at(39, 19)).toEqual([255, 255, 255, 255]);
  });

  it('never run over when many points pile up', () => {
    const xy = Array.from({ length: 4000 }, () => 0);
    const colours = Array.from({ length: 8000 }, (_, k) => (k % 4 === 3 ? DISC : 255));
    const at = draw(points(xy, colours, Array(2000).fill(0)), false, { diameter: 5, opacity: 0.3 });
    for (let x = 15; x < 26; x++) near(at(x, 20), [255, 255, 255, 255], 6);
  });
});

describe('forms of points', () => {
  const black = (form: number, diameter = 24): ((x: number, y: number) => boolean) => {
    const at = draw(points([0, 0], [0, 0, 0, DISC | (form << 2)], [0]), false, { diameter, opacity: 1 });
    return (x, y) => at(20 + x, 20 + y)[0]! < 128;
  };
  const area = (form: number): number => {
    const inside = black(form);
    let count = 0;
    for (let y = -20; y < 20; y++) for (let x = -20; x < 20; x++) count += inside(x, y) ? 1 : 0;
    return count;
  };

  it('are about as large as the disc', () => {
    const disc = area(0);
    for (let form = 1; form < 6; form++) {
      expect(area(form) / disc).toBeGreaterThan(0.8);
      expect(area(form) / disc).toBeLessThan(1.2);
    }
  });

  it('are what they are called: their corners and gaps are in place', () => {
    const [, square, triangle, diamond, plus, cross] = [0, 1, 2, 3, 4, 5].map((form) => black(form));
    expect([square!(9, 9), square!(-9, 9), square!(0, 12)]).toEqual([true, true, false]);
    expect([triangle!(0, -14), triangle!(12, 7), triangle!(-12, 7), triangle!(10, -8)]).toEqual([true, true, true, false]);
    expect([diamond!(0, 13), diamond!(13, 0), diamond!(9, 9)]).toEqual([true, true, false]);
    expect([plus!(0, 13), plus!(-13, 0), plus!(8, 8)]).toEqual([true, true, false]);
    expect([cross!(9, 9), cross!(-9, 9), cross!(0, 10)]).toEqual([true, true, false]);
  });

  it('keep their outline and their own kind of body', () => {
    const at = draw(points([0, 0], [30, 142, 247, HOLLOW | (1 << 2)], [SELECTED]), true, { diameter: 20, opacity: 1 });
    expect(at(20, 20 + 9)[0]).toBeLessThan(120);
    expect(at(20, 20 + 12)[0]).toBe(255);
    expect(at(20, 20)[0]).toBeGreaterThan(190);
    expect(at(29, 29)[0]).toBeLessThan(120);
  });
});

describe('stamps', () => {
  it('kept from the last picture never show another style', () => {
    const drawn = points([0, 0], [30, 142, 247, DISC], [0]);
    const stamps = new SplatCache();
    const picture = (diameter: number, cache?: SplatCache): number[] => {
      const raster: Raster = { width: 40, height: 40, pixels: new Uint8ClampedArray(40 * 40 * 4) };
      splat(raster, drawn, VIEWPORT, { diameter, opacity: 1 }, INK, 1, false, cache);
      return [...raster.pixels];
    };
    expect(picture(8, stamps)).toEqual(picture(8));
    expect(picture(8, stamps)).toEqual(picture(8));
    expect(picture(20, stamps)).toEqual(picture(20));
    expect(picture(20)).not.toEqual(picture(8));
  });

  it('kept from the last picture never show other points', () => {
    const cache = new SplatCache();
    const paint = (drawn: Points, kept?: SplatCache): string => {
      const raster: Raster = { width: 40, height: 40, pixels: new Uint8ClampedArray(40 * 40 * 4) };
      splat(raster, drawn, VIEWPORT, STYLE, INK, 1, false, kept);
      return String(raster.pixels);
    };
    const first = points([0, 0, 9, 9], [30, 142, 247, DISC, 0, 0, 0, DISC], [0, 0]);
    const to = Float32Array.of(-9, 3, 9, -9);
    const moving = { ...first, to, t: 0.3 };
    const changes: Points[] = [
      first,
      moving,
      { ...moving, t: 0.8 },
      { ...moving, from: to, t: 1 },
      { ...moving, from: to, to: first.to, t: 0.5 },
      { ...first, colours: Uint8Array.of(1, 2, 3, HOLLOW, 200, 0, 0, DISC) },
      { ...first, order: Uint32Array.of(1) },
      { ...first, flags: Uint8Array.of(WRONG, SELECTED) },
      first,
    ];
    for (const drawn of changes) expect(paint(drawn, cache)).toBe(paint(drawn));
    expect(new Set(changes.map((drawn) => paint(drawn))).size).toBe(changes.length - 1);
  });
});
