import { afterEach, describe, expect, it } from 'vitest';
import { colourBy, optionalColumns, showColumn, tableColumnsShown, tableSort } from '../../src/store';
import { openRun, serveEachTest } from './served';

serveEachTest();
afterEach(() => {
  tableSort.value = { column: 'loss', descending: true };
  for (const name of ['variability', 'flips', 'note']) showColumn(name, name !== 'variability');
});

describe('the columns of the table', () => {
  it('are at first the recorded ones, the metadata, and few that are derived', async () => {
    await openRun(3);
    const shown = [...tableColumnsShown.value];
    expect(shown).toEqual([
      'sample_index', 'source_index', 'id', 'split', 'label', 'prediction', 'correct', 'loss', 'margin', 'label_score', 'rank',
      'mean_margin', 'flips', 'brightness', 'flagged', 'camera', 'note',
    ]);
    expect(optionalColumns.value.map(({ name }) => name)).not.toContain('sample_index');
  });

  it('are those that were chosen', async () => {
    await openRun(3);
    showColumn('variability', true);
    showColumn('flips', false);
    showColumn('note', false);
    const shown = tableColumnsShown.value;
    expect(['variability', 'flips', 'note'].map((name) => shown.has(name))).toEqual([true, false, false]);
  });

  it('always hold what the table is sorted by and what colours the page', async () => {
    await openRun(3);
    tableSort.value = { column: 'correctness', descending: true };
    colourBy.value = 'loss_z';
    expect(tableColumnsShown.value.has('correctness')).toBe(true);
    expect(tableColumnsShown.value.has('loss_z')).toBe(true);
  });
});
