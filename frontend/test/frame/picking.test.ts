import { describe, expect, it } from 'vitest';
import { drawn, findSource, membersOf } from '../../src/frame/picking';

describe('picking a sample', () => {
  const labels = [0, 1, 1, -1, 1, 0];

  it('finds the place in the user\'s data within its split alone', () => {
    const sources = [5, 9, 2, 5, 7, 9];
    expect(findSource(sources, { start: 3, count: 3 }, 5)).toBe(3);
    expect(findSource(sources, { start: 0, count: 3 }, 9)).toBe(1);
    expect(findSource(sources, { start: 3, count: 3 }, 2)).toBeNull();
    expect(findSource(sources, { start: 0, count: 6 }, NaN)).toBeNull();
  });

  it('draws among the shown samples of a class, or of all', () => {
    expect([...membersOf(labels, 1, [1, 1, 0, 1, 1, 1])]).toEqual([1, 4]);
    expect([...membersOf(labels, -1, [1, 0, 1, 1, 1, 1])]).toEqual([0, 2, 3, 4, 5]);
  });

  it('draws each once before one comes again, the same for the same seed', () => {
    const members = Int32Array.from({ length: 50 }, (_, k) => 3 * k);
    const draws = (seed: number): (number | null)[] => Array.from({ length: 50 }, (_, turn) => drawn(members, seed, turn));
    expect(new Set(draws(0))).toEqual(new Set(members));
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
    expect(drawn(members, 7, 50)).toBe(drawn(members, 7, 0));
    expect(drawn(new Int32Array(0), 7, 0)).toBeNull();
  });
});
