import { describe, expect, it } from 'vitest';
import { CLASS_HUES, GREY, classSwatches, diverging, inkOn, luminance, parseRgb, sequential, vividClasses } from '../src/color';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

describe('class colours', () => {
  it('are bound to the name, so that runs with other classes or another order agree', () => {
    const known = new Map<string, number>();
    const first = classSwatches(['cat', 'dog', 'owl'], known);
    const second = classSwatches(['owl', 'bee', 'cat'], known);
    expect(second[0]).toEqual(first[2]);
    expect(second[2]).toEqual(first[0]);
    expect(second[1]?.color).not.toBe(first[0]?.color);
    expect(second[1]?.color).not.toBe(first[2]?.color);
  });

  it('never repeat within a run of up to 20 classes, whatever was seen before', () => {
    const known = new Map<string, number>();
    for (let run = 0; run < 6; run++) {
      const own = names(20).map((name, i) => (i % 2 ? name : `${run} ${name}`));
      const looks = classSwatches(own, known).map(({ color, hollow }) => `${color} ${hollow}`);
      expect(new Set(looks).size).toBe(20);
      expect(looks.some((look) => look.startsWith(GREY))).toBe(false);
    }
  });

  it('are filled for ten classes and hollow from the eleventh on', () => {
    const swatches = classSwatches(names(20), new Map());
    expect(swatches.slice(0, 10).every(({ hollow }) => !hollow)).toBe(true);
    expect(swatches.slice(10).every(({ hollow }) => hollow)).toBe(true);
    expect(swatches.map(({ color }) => color)).toEqual([...CLASS_HUES, ...CLASS_HUES]);
  });

  it('are grey above 20 classes, but for the eight with most errors', () => {
    const errors = Int32Array.from({ length: 60 }, (_, i) => (i < 10 ? 100 - i : 0));
    const swatches = classSwatches(names(60), new Map(), vividClasses(errors));
    expect(swatches.filter(({ color }) => color === GREY)).toHaveLength(52);
    expect(swatches.slice(0, 8).every(({ color }) => color !== GREY)).toBe(true);
  });

  it('of more than 20 classes keep those pinned', () => {
    expect(vividClasses([0, 5, 9, 1], [3])).toEqual([3, 2, 1]);
  });
});

describe('ink on a cell', () => {
  it('crosses where black and white have the same contrast: luminance 0.179', () => {
    const level = (grey: number): [number, number, number] => [grey, grey, grey];
    expect(luminance(level(117))).toBeLessThan(0.179);
    expect(luminance(level(118))).toBeGreaterThan(0.179);
    expect([inkOn(level(117)), inkOn(level(118))]).toEqual(['#fff', '#000']);
  });
});

describe('scales', () => {
  const ground = { light: 1, dark: luminance([0x30, 0x30, 0x30]) };
  const contrast = (color: string, against: number): number => {
    const own = luminance(parseRgb(color));
    return (Math.max(own, against) + 0.05) / (Math.min(own, against) + 0.05);
  };

  it.each([['light', false], ['dark', true]] as const)('high values contrast most in the %s theme', (theme, dark) => {
    expect(contrast(sequential(1, dark), ground[theme])).toBeGreaterThan(contrast(sequential(0, dark), ground[theme]) + 2);
  });

  it('hold beyond their ends', () => {
    expect(sequential(7, true)).toBe(sequential(1, true));
    expect(sequential(-7, false)).toBe(sequential(0, false));
  });

  it('give colours that can be read back', () => {
    expect(parseRgb('#1e8ef7')).toEqual([0x1e, 0x8e, 0xf7]);
    expect(parseRgb('rgb(1, 20, 255)')).toEqual([1, 20, 255]);
  });
});

it('signed values have a grey at zero and two hues, in both themes', () => {
  for (const dark of [false, true]) {
    const [red, green, blue] = parseRgb(diverging(0.5, dark));
    expect([green, blue]).toEqual([red, red]);
    const [low, high] = [parseRgb(diverging(0, dark)), parseRgb(diverging(1, dark))];
    expect(low[0]).toBeGreaterThan(low[2]);
    expect(high[2]).toBeGreaterThan(high[0]);
  }
});
