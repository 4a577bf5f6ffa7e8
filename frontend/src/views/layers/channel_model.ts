/** What the channel statistics say: rows of channels over the epochs, and which channels do nothing. */

import { type Channels } from '../../api';
import { type Scale } from '../../draw/ramp';

/** Saturated at this share of the positions or more: as the server counts. */
export const SATURATED = 0.95;

export const FIGURES = [
  { name: 'never', label: 'never fires', short: 'share of samples', definition: 'Share of the samples on which the channel is nowhere above zero' },
  { name: 'sparsity', label: 'sparsity', short: 'share of positions', definition: 'Share of all positions of all samples that are not above zero' },
  { name: 'mean', label: 'mean', short: 'over samples and positions', definition: 'Mean over samples and positions' },
  { name: 'max', label: 'maximum', short: 'of all samples', definition: 'Largest activation of all samples' },
  { name: 'std', label: 'deviation', short: 'over samples and positions', definition: 'Standard deviation over samples and positions' },
  { name: 'saturated', label: 'saturated', short: 'share of positions', definition: 'Share of positions above 99% of the range of tanh or sigmoid' },
] as const;
export type Figure = (typeof FIGURES)[number]['name'];

export interface Timeline {
  /** A row of channels for each epoch, in the order of `steps`. */
  values: Float32Array;
  most: number;
  scale: Scale;
}

/** One statistic; shares lie on a scale to 1, others to their largest over all epochs. */
export function timelineOf({ statistics }: Pick<Channels, 'statistics'>, figure: Figure): Timeline {
  if (figure === 'never') return share(statistics.samples_above_zero.map((value) => 1 - value));
  if (figure === 'sparsity') return share(statistics.positions_above_zero.map((value) => 1 - value));
  if (figure === 'saturated') return share(statistics.saturated);
  const values = statistics[figure];
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return { values, most: Math.max(high, -low), scale: low < 0 ? 'diverging' : 'unsigned' };
}

const share = (values: Float32Array): Timeline => ({ values, most: 1, scale: 'unsigned' });

export interface Finding {
  name: 'dead' | 'almost dead' | 'saturated';
  channels: number[];
}

/** The channels that do nothing at the shown epoch; an empty list where the layer is not judged so. */
export function findingsOf(data: Channels): Finding[] {
  const { verdict, steps, step, nChannels, statistics } = data;
  const row = steps.indexOf(step) * nChannels;
  const flat = row < 0 ? [] : statistics.saturated.subarray(row, row + nChannels);
  const where = (mask: ArrayLike<number>, holds: (value: number) => boolean): number[] =>
    Array.from(mask, (value, k) => (holds(value) ? k : -1)).filter((k) => k >= 0);
  const findings: Finding[] = [];
  if (verdict) {
    findings.push({ name: 'dead', channels: where(verdict.dead, Boolean) }, { name: 'almost dead', channels: where(verdict.almostDead, Boolean) });
  }
  if (flat.some((value) => !Number.isNaN(value))) findings.push({ name: 'saturated', channels: where(flat, (value) => value >= SATURATED) });
  return findings;
}

/** `dead`, or another finding of a channel. */
export function findingOf(findings: readonly Finding[], channel: number): Finding['name'] | null {
  return findings.find(({ channels }) => channels.includes(channel))?.name ?? null;
}

/** Channels by number, or by falling value at `row`, those that are not a number last. */
export function orderOf({ values }: Timeline, nChannels: number, row: number, byValue: boolean): number[] {
  const order = Array.from({ length: nChannels }, (_, k) => k);
  if (!byValue || row < 0) return order;
  const of = (channel: number): number => {
    const value = values[row * nChannels + channel]!;
    return Number.isNaN(value) ? -Infinity : value;
  };
  return order.sort((a, b) => (of(a) === of(b) ? a - b : of(b) > of(a) ? 1 : -1));
}
