import { describe, expect, it } from 'vitest';
import { xScale } from '../../src/elements/line_chart';

describe('the epochs of a chart', () => {
  it('go from end to end', () => {
    const x = xScale([0, 5, 10], 28, 236, false);
    expect([0, 5, 10].map((at) => x(at))).toEqual([28, 128, 228]);
  });

  it('stand above the middles of a strip’s cells, evenly even where they are not logged so', () => {
    const x = xScale([0, 1, 2, 10], 28, 228, true);
    expect([0, 1, 2, 10].map((at) => x(at))).toEqual([53, 103, 153, 203]);
    expect(x.invert(203)).toBe(10);
    expect(x.invert(178)).toBe(6);
  });

  it('are in the middle where there is one', () => {
    expect(xScale([3], 28, 228, true)(3)).toBe(128);
  });
});
