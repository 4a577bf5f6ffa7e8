/** The data map: where samples lie, and the paper's three regions (Swayamdipta et al. 2020). */

import { type Viewport, toData } from '../../draw/viewport';
import { SampleSet } from '../../store';

/** A share's standard deviation cannot be more. */
export const MOST_VARIABILITY = 0.5;
/** Where the regions meet: half of what either can reach. */
export const AMBIGUOUS_FROM = 0.25;
export const EASY_FROM = 0.5;

export const REGIONS = ['easy-to-learn', 'ambiguous', 'hard-to-learn'] as const;
export const RULE = 'Ambiguous: variability 0.25 or more. Of the others easy-to-learn from a confidence of 0.5 on, and hard-to-learn below it. The paper names the regions without drawing borders; these are the halves of what either number can reach.';

/** Index into `REGIONS`; -1 for a sample without both numbers. */
export function regionOf(variability: number, confidence: number): number {
  if (!Number.isFinite(variability) || !Number.isFinite(confidence)) return -1;
  if (variability >= AMBIGUOUS_FROM) return 1;
  return confidence >= EASY_FROM ? 0 : 2;
}

/** Shown samples per region, and those that have no place. */
export function countRegions(
  variability: ArrayLike<number>,
  confidence: ArrayLike<number>,
  shown: ArrayLike<number>,
): { counts: number[]; missing: number } {
  const counts = REGIONS.map(() => 0);
  let missing = 0;
  for (let i = 0; i < variability.length; i++) {
    if (!shown[i]) continue;
    const region = regionOf(variability[i]!, confidence[i]!);
    if (region < 0) missing++;
    else counts[region]!++;
  }
  return { counts, missing };
}

export function membersOfRegion(
  region: number,
  variability: ArrayLike<number>,
  confidence: ArrayLike<number>,
  shown: ArrayLike<number>,
): SampleSet {
  const mask = new Uint8Array(variability.length);
  for (let i = 0; i < mask.length; i++) {
    if (shown[i] && regionOf(variability[i]!, confidence[i]!) === region) mask[i] = 1;
  }
  return SampleSet.fromMask(mask);
}

/** In a plot `aspect` times as wide as high; the plot itself has one unit on both axes. */
export function mapLayout(variability: ArrayLike<number>, confidence: ArrayLike<number>, aspect: number): Float32Array {
  const xy = new Float32Array(2 * variability.length);
  for (let i = 0; i < variability.length; i++) {
    xy[2 * i] = (variability[i]! / MOST_VARIABILITY) * aspect;
    xy[2 * i + 1] = confidence[i]!;
  }
  return xy;
}

/** What a plot shows: the ends of both axes, within what they can reach. */
export function shownRange(viewport: Viewport, aspect: number): { x: [number, number]; y: [number, number] } {
  const [x0, y0] = toData(viewport, 0, viewport.height);
  const [x1, y1] = toData(viewport, viewport.width, 0);
  const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const variability = (x: number): number => within((x / aspect) * MOST_VARIABILITY, MOST_VARIABILITY);
  return { x: [variability(x0), variability(x1)], y: [within(y0, 1), within(y1, 1)] };
}
