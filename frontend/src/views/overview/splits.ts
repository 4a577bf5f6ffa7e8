import { type SplitInfo, type Step } from '../../schema';

/** The split that stands for how good the network is: `validation`, else one that is no training set. */
export function mainSplit(splits: readonly SplitInfo[]): string {
  const named = (test: RegExp): string | undefined => splits.find(({ name }) => test.test(name))?.name;
  return named(/^val/i) ?? named(/^test/i) ?? splits.find(({ name }) => !/train/i.test(name))?.name ?? splits[0]?.name ?? '';
}

/** The splits with the main one first. */
export function orderedSplits(splits: readonly SplitInfo[]): string[] {
  const main = mainSplit(splits);
  return [main, ...splits.map(({ name }) => name).filter((name) => name !== main)];
}

export type Metric = 'loss' | 'accuracy' | 'balanced_accuracy';

/** One value a step; NaN where the split is not in the step. */
export function metricOf(steps: readonly Step[], split: string, metric: Metric): number[] {
  return steps.map((step) => step.splits.find(({ name }) => name === split)?.[metric] ?? NaN);
}

/** Steps at which some sample of the split had a NaN or infinite loss. */
export function stepsWithBrokenLosses(steps: readonly Step[]): number[] {
  return steps.filter((step) => step.splits.some((split) => split.non_finite > 0)).map(({ step }) => step);
}
