import { describe, expect, it } from 'vitest';
import { separated } from '../../src/draw/declutter';

function cloud(count: number, shift = 0): Float32Array {
  return Float32Array.from({ length: 2 * count }, (_, k) => ((k * 7919 + 13) % 10007) / 100 + shift);
}

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('pictures that do not cover each other', () => {
  const xy = cloud(3000);
  const taken = [...separated(all(3000), xy, 4, 2.5)];
  const apart = (i: number, j: number): boolean =>
    Math.abs(xy[2 * i]! - xy[2 * j]!) >= 4 || Math.abs(xy[2 * i + 1]! - xy[2 * j + 1]!) >= 2.5;

  it('are apart', () => {
    for (const i of taken) for (const j of taken) if (i !== j) expect(apart(i, j)).toBe(true);
  });

  it('leave out only what is too near to one that came before it', () => {
    for (const i of all(3000)) {
      if (!taken.includes(i)) expect(taken.some((j) => j < i && !apart(i, j))).toBe(true);
    }
  });

  it('are the same wherever the plot was panned to', () => {
    const whole = Float32Array.from(xy, Math.round);
    expect(separated(all(3000), whole.map((value) => value - 4096), 4, 3)).toEqual(separated(all(3000), whole, 4, 3));
  });

  it('keep the order of the candidates, and leave out what is nowhere', () => {
    expect([...separated([2, 0, 1], Float32Array.of(0, 0, NaN, 1, 1, 1), 3, 3)]).toEqual([2]);
    expect([...separated([2, 0, 1], Float32Array.of(0, 0, 9, 9, 1, 1), 3, 3)]).toEqual([2, 1]);
  });
});
