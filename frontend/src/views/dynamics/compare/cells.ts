/** The samples of a cell of the matrix of both predictions. */

import { type Comparison } from '../../../api';
import { type Cell, matchedWhere } from '../../../store';

/** A cell's `label` is the other's prediction; null stands for any. */
export function samplesOfCell(found: Pick<Comparison, 'index' | 'lossDifference' | 'prediction' | 'otherPrediction'>, cell: Cell): Int32Array {
  const { prediction, otherPrediction } = found;
  const meets = (wanted: number | null, value: number): boolean => value >= 0 && (wanted === null || wanted === value);
  return matchedWhere(found, (place) => meets(cell.label, otherPrediction[place]!) && meets(cell.prediction, prediction[place]!));
}
