import { describe, expect, it } from 'vitest';
import { SampleSet, decodeMembers, encodeMembers } from '../src/store/sample_set';

describe('a set of samples', () => {
  const some = SampleSet.of([9, 2, 2, 5, 12, -1], 10);

  it('holds each sample once, in order, and none beyond its samples', () => {
    expect([...some.indices()]).toEqual([2, 5, 9]);
    expect(some.size).toBe(3);
    expect([some.has(5), some.has(6), some.has(100), some.has(-1)]).toEqual([true, false, false, false]);
  });

  it('is joined, cut and inverted', () => {
    const other = SampleSet.of([5, 11], 12);
    expect([...some.plus(other).indices()]).toEqual([2, 5, 9, 11]);
    expect([...some.minus(other).indices()]).toEqual([2, 9]);
    expect([...other.minus(some).indices()]).toEqual([11]);
    expect([...some.and(other).indices()]).toEqual([5]);
    expect([...some.inverted(10).indices()]).toEqual([0, 1, 3, 4, 6, 7, 8]);
    expect(some.minus(some)).toBe(SampleSet.EMPTY);
  });

  it('travels as bits, the first sample the least significant', () => {
    expect(encodeMembers(some, 10)).toBe(btoa(String.fromCharCode(0b100100, 0b10)));
    expect([...decodeMembers(encodeMembers(some, 10), 10)!.indices()]).toEqual([2, 5, 9]);
    expect(decodeMembers('AA==', 10)).toBeNull();
    expect(decodeMembers('?', 8)).toBeNull();
  });
});
