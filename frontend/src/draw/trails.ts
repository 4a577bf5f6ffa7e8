import type { MarkInk } from './marks';
import type { Rgb } from './points';

/** Where some samples were at the epochs before the shown one, in the plane of the points. */
export interface Trails {
  readonly index: Int32Array;
  /** x and y by sample and epoch. */
  readonly xy: Float32Array;
  /** Epochs in `xy`, and how many of them, from the first on, come before the shown one. */
  readonly epochs: number;
  readonly before: number;
}

export interface TrailGround {
  /** Where a sample is now, null where it is not drawn; and any place of the plane. CSS pixels. */
  placeOf(index: number): [number, number] | null;
  toScreen(x: number, y: number): [number, number];
  colourOf(index: number): Rgb;
  readonly ink: MarkInk;
}

const FAINTEST = 0.3;
/** Of the ground around the paths, so that they stand out from the points. */
const HALO = 3.5;
const STRONGEST = 0.95;

/** How strong a segment is that ends `age` epochs before the shown one: 0 is the newest. */
export function trailAlpha(age: number, segments: number): number {
  return segments <= 1 ? STRONGEST : STRONGEST - (STRONGEST - FAINTEST) * (age / (segments - 1));
}

/** Thin paths to where the samples are now, the newest segment strongest. */
export function drawTrails(context: CanvasRenderingContext2D, { index, xy, epochs, before }: Trails, ground: TrailGround): void {
  const byColour = new Map<string, number[]>();
  const ends = Array.from(index, (sample) => ground.placeOf(sample));
  index.forEach((sample, k) => {
    if (!ends[k]) return;
    const colour = ground.colourOf(sample).join(' ');
    byColour.set(colour, [...(byColour.get(colour) ?? []), k]);
  });
  const at = (k: number, epoch: number): [number, number] => {
    if (epoch === before) return ends[k]!;
    const place = 2 * (k * epochs + epoch);
    return ground.toScreen(xy[place]!, xy[place + 1]!);
  };
  const trace = (members: readonly number[], epoch: number): void => {
    for (const k of members) {
      const [from, to] = [at(k, epoch), at(k, epoch + 1)];
      if (![...from, ...to].every(Number.isFinite)) continue;
      context.moveTo(...from);
      context.lineTo(...to);
    }
  };
  const drawn = [...byColour.values()].flat();
  if (before === 0 || drawn.length === 0) return;
  context.save();
  context.lineCap = 'round';
  context.lineWidth = HALO;
  context.strokeStyle = `rgb(${ground.ink.ground.join(' ')} / 70%)`;
  context.beginPath();
  for (let epoch = 0; epoch < before; epoch++) trace(drawn, epoch);
  context.stroke();
  for (let epoch = 0; epoch < before; epoch++) {
    const alpha = trailAlpha(before - 1 - epoch, before);
    context.lineWidth = epoch === before - 1 ? 2 : 1.5;
    for (const [colour, members] of byColour) {
      context.strokeStyle = `rgb(${colour} / ${Math.round(100 * alpha)}%)`;
      context.beginPath();
      trace(members, epoch);
      context.stroke();
    }
  }
  context.restore();
}
