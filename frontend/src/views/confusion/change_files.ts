/** What changed between two epochs, as files. */

import { csv } from '../../csv';
import { type Changes, KINDS, differenceOf, rankedCells } from './change_model';

const named = (names: readonly string[], index: number): string => names[index] ?? '';

/** A line a flow, the largest first. */
export function flowsCsv(changes: Changes, names: readonly string[]): string {
  const title = Object.fromEntries(KINDS.map(({ kind, title: words }) => [kind, words.replace('→', 'to')]));
  const rows = changes.flows.map(({ label, before, after, kind, count }) => [named(names, label), named(names, before), named(names, after), title[kind]!, count]);
  return csv([['label', `prediction_epoch_${changes.from}`, `prediction_epoch_${changes.to}`, 'kind', 'count'], ...rows]);
}

/** A line a cell that changed, the greatest change first. */
export function cellsCsv(changes: Changes, names: readonly string[]): string {
  const rows = rankedCells(changes).map((cell) => [named(names, cell.label), named(names, cell.prediction), cell.entered, cell.left, differenceOf(cell)]);
  return csv([['label', 'prediction', 'entered', 'left', 'change'], ...rows]);
}

/** Differences of the counts: a line a label, a column a prediction. */
export function differencesCsv({ size, entered, left }: Changes, names: readonly string[]): string {
  const row = (label: number): number[] => Array.from({ length: size }, (_, k) => entered[label * size + k]! - left[label * size + k]!);
  return csv([['label \\ prediction', ...names], ...names.map((name, label) => [name, ...row(label)])]);
}
