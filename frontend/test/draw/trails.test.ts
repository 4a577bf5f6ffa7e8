import { describe, expect, it } from 'vitest';
import { drawTrails, trailAlpha } from '../../src/draw/trails';
import { upTo } from '../../src/views/samples/trails';

/** Notes every stroke: its colour and its segments. */
class Recorder {
  readonly strokes: { style: string; segments: number[][] }[] = [];
  strokeStyle = '';
  lineWidth = 1;
  lineCap = 'butt';
  private at: number[] = [];
  private segments: number[][] = [];
  save(): void {}
  restore(): void {}
  beginPath(): void {
    this.segments = [];
  }
  moveTo(x: number, y: number): void {
    this.at = [x, y];
  }
  lineTo(x: number, y: number): void {
    this.segments.push([...this.at, x, y]);
  }
  stroke(): void {
    if (this.segments.length) this.strokes.push({ style: this.strokeStyle, segments: this.segments });
  }
}

/** Samples 5 and 2 at epochs 0, 3, 4, 7; sample 5 is red, 2 is blue and has no place at epoch 3. */
const FOUND = {
  index: Int32Array.of(5, 2),
  steps: Int32Array.of(0, 3, 4, 7),
  xy: Float32Array.of(0, 0, 1, 0, 2, 0, 3, 0, 0, 9, NaN, NaN, 2, 9, 3, 9),
};
const GROUND = {
  placeOf: (index: number): [number, number] | null => (index === 5 ? [25, 0] : [25, 90]),
  toScreen: (x: number, y: number): [number, number] => [10 * x, 10 * y],
  ink: { ground: [255, 255, 255] as const, ink: [0, 0, 0] as const },
  colourOf: (index: number): [number, number, number] => (index === 5 ? [255, 0, 0] : [0, 0, 255]),
};

function drawn(step: number, ground: Parameters<typeof drawTrails>[2] = GROUND): Recorder['strokes'] {
  const recorder = new Recorder();
  drawTrails(recorder as unknown as CanvasRenderingContext2D, upTo(FOUND, { step }), ground);
  return recorder.strokes;
}

describe('trails', () => {
  it('lead over the epochs before the shown one to where the sample is now', () => {
    const red = drawn(4).filter(({ style }) => style.includes('255 0 0')).flatMap(({ segments }) => segments);
    expect(red).toEqual([[0, 0, 10, 0], [10, 0, 25, 0]]);
    expect(drawn(0)).toEqual([]);
  });

  it('are the stronger the newer', () => {
    const alphas = [0, 1, 2, 3].map((age) => trailAlpha(age, 4));
    expect(alphas).toEqual([...alphas].sort((a, b) => b - a));
    expect([alphas[0], trailAlpha(0, 1)]).toEqual([0.95, 0.95]);
    expect(drawn(7).filter(({ style }) => style.includes('255 0 0')).map(({ style }) => style)).toEqual(['rgb(255 0 0 / 30%)', 'rgb(255 0 0 / 63%)', 'rgb(255 0 0 / 95%)']);
  });

  it('stand out from the points by a halo of the ground below all of them', () => {
    const [halo, ...paths] = drawn(7);
    expect(halo?.style).toBe('rgb(255 255 255 / 70%)');
    expect(halo?.segments).toHaveLength(paths.flatMap(({ segments }) => segments).length);
  });

  it('have a gap where a sample had no place, and none for a sample that is not drawn', () => {
    const blue = drawn(7).filter(({ style }) => style.includes('0 0 255')).flatMap(({ segments }) => segments);
    expect(blue).toEqual([[20, 90, 25, 90]]);
    expect(drawn(7, { ...GROUND, placeOf: (index) => (index === 5 ? null : [25, 90]) }).some(({ style }) => style.includes('255 0 0'))).toBe(false);
  });
});
