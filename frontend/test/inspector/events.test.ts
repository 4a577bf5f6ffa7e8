import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../src/inspector/events';

const EVENTS = { first_learned: 2, forgotten: [4, 9], last_change: 9, flips: 5 };

describe('the events of a sample', () => {
  it('stand in the order of the epochs, what comes after the shown one is told apart', () => {
    expect(eventsOf(EVENTS, 4).map(({ kind, step, later }) => [kind, step, later])).toEqual([
      ['learned', 2, false], ['forgotten', 4, false], ['forgotten', 9, true], ['flip', 9, true],
    ]);
    expect(eventsOf(EVENTS, 9).every(({ later }) => !later)).toBe(true);
  });

  it('are said in words', () => {
    expect(eventsOf(EVENTS, 9).map(({ words }) => words)).toEqual([
      'epoch 2: first learned', 'epoch 4: forgotten (1 of 2)', 'epoch 9: forgotten (2 of 2)', 'epoch 9: last flip of 5',
    ]);
  });

  it('of a sample that was never learned and never changed are none', () => {
    expect(eventsOf({ first_learned: null, forgotten: [], last_change: null, flips: 0 }, 3)).toEqual([]);
  });
});
