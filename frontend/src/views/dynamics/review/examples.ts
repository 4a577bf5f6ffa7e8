/** Samples that show what a class looks like. */

/** Of the samples with this label and prediction, those with the lowest losses; and how many there are. */
export function typical(
  of: number,
  { labels, predictions, losses }: { labels: ArrayLike<number>; predictions: ArrayLike<number>; losses: ArrayLike<number> },
  shown: ArrayLike<number>,
  most: number,
): { indices: number[]; total: number } {
  const right: number[] = [];
  for (let index = 0; index < labels.length; index++) {
    if (labels[index] === of && predictions[index] === of && shown[index] && Number.isFinite(losses[index])) right.push(index);
  }
  const total = right.length;
  right.sort((a, b) => losses[a]! - losses[b]! || a - b);
  return { indices: right.slice(0, most), total };
}
