/** The matrix of both runs' predictions. */

import { type Comparison } from '../../../api';
import { formatCount, formatPercent } from '../../../format';
import { CORRECT, type MatrixModel, NONE, cellText, palette, shade, shadeAt } from '../../confusion/model';

/** Rows are the other's predictions, columns the shown run's. */
export function disagreementModel({ disagreement, classNames }: Comparison): MatrixModel {
  const size = classNames.length;
  const count = (row: number, column: number): number => disagreement[row * size + column]!;
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  let high = 0;
  disagreement.forEach((value, k) => {
    const [row, column] = [Math.floor(k / size), k % size];
    rows[row]! += value;
    columns[column]! += value;
    if (row !== column) high = Math.max(high, value);
  });
  const levels = Uint8Array.from(disagreement, (value, k) => {
    if (Math.floor(k / size) === k % size) return CORRECT;
    return value > 0 ? shadeAt(value / high) : NONE;
  });
  const share = (value: number, of: number): string => (of ? `${formatPercent(value / of)} of ${formatCount(of)}` : '–');
  return {
    title: 'Matrix of both predictions',
    axes: ['the other', 'this run'],
    names: classNames,
    size,
    order: classNames.map((_, index) => index),
    levels,
    palette,
    weight: (level) => level,
    text: (row, column, room) => cellText(count(row, column), 'counts', room),
    facts: (row, column) => {
      if (column < 0) return [['predicted by the other', formatCount(rows[row]!)]];
      if (row < 0) return [['predicted by this run', formatCount(columns[column]!)]];
      const value = count(row, column);
      return [
        ['samples', formatCount(value)],
        ['of the other’s prediction', share(value, rows[row]!)],
        ['of this run’s prediction', share(value, columns[column]!)],
      ];
    },
    scale: { low: high > 0 ? null : 'none differs', high: high > 0 ? `${formatCount(high)} samples` : null, note: '', diagonal: 'both the same', shade },
  };
}
