import { describe, expect, it } from 'vitest';
import { type LabelErrors } from '../../src/api';
import { evidenceOf } from '../../src/views/dynamics/review/evidence';
import { typical } from '../../src/views/dynamics/review/examples';

const ranking = (evidence: Record<string, number>, reason: 'mislabelled' | 'hard', layer = 'dense'): LabelErrors => ({
  state: 'done', job: '', version: 1, progress: 1, secondsLeft: null, error: '', hint: '', step: 9, index: Int32Array.of(3), score: Float32Array.of(0.9),
  suggested: Int32Array.of(1), reasons: [reason], evidence: new Map(Object.entries(evidence).map(([name, value]) => [name, Float32Array.of(value)])),
  n: 10, scored: 10, epochs: 10, definition: 'a score', estimated: new Map(), layer, notes: [],
});
const ALL = { alternative_share: 0.8, label_share: 0.1, alternative_score: 0.75, mean_label_score: 0.0625, neighbor_share: 14 / 15, neighbor_label_share: 1 / 15, mean_margin: -6.844 };

describe('the evidence', () => {
  it('has the numbers of both classes, and both readings of them', () => {
    const found = evidenceOf(ranking(ALL, 'mislabelled'), 0, 'Sneaker', 'Bag');
    expect(found.rows.map(({ what, suggested, given }) => [what, suggested, given])).toEqual([
      ['Predicted', '8 of 10', '1 of 10'],
      ['Mean score', '0.750', '0.063'],
      ['Nearest 15', '14', '1'],
      ['Mean margin', null, '−6.84'],
    ]);
    expect(found.rows[2]?.definition).toContain('in dense');
    expect(found.reason).toBe('mislabelled');
    expect(found.mislabelled).toBe('90% likely: predicted Sneaker in 8 of 10 epochs; 14 of its 15 nearest are labelled so.');
    expect(found.hard).toBe('10% likely: predicted Bag in 1 of 10 epochs, a third class in 1; 1 of its 15 nearest are labelled so.');
  });

  it('does without neighbors where no embedding is logged', () => {
    const found = evidenceOf(ranking({ ...ALL, neighbor_share: NaN, neighbor_label_share: NaN }, 'hard', ''), 0, 'Sneaker', 'Bag');
    expect(found.rows.map(({ what }) => what)).toEqual(['Predicted', 'Mean score', 'Mean margin']);
    expect(found.mislabelled).toBe('90% likely: predicted Sneaker in 8 of 10 epochs.');
    expect(found.reason).toBe('hard');
  });
});

describe('examples of a class', () => {
  const data = {
    labels: [0, 0, 1, 0, 0, 0, 0],
    predictions: [0, 1, 0, 0, 0, 0, 0],
    losses: [0.3, 0.1, 0.1, 0.2, NaN, 0.2, 0.01],
  };

  it('are those predicted right with the lowest losses, ties in sample order', () => {
    expect(typical(0, data, new Uint8Array(7).fill(1), 2)).toEqual({ indices: [6, 3], total: 4 });
    expect(typical(0, data, new Uint8Array(7).fill(1), 9).indices).toEqual([6, 3, 5, 0]);
  });

  it('are of the shown splits, and none where no sample is right', () => {
    expect(typical(0, data, Uint8Array.of(1, 1, 1, 1, 1, 0, 0), 9).indices).toEqual([3, 0]);
    expect(typical(1, data, new Uint8Array(7).fill(1), 9)).toEqual({ indices: [], total: 0 });
  });
});
