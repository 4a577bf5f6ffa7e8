/** What the renderers know of a point beside its place: bits of one byte. */
export const HIDDEN = 1;
export const WRONG = 2;
export const SELECTED = 4;

/** The fourth byte of a point's colour: how its body is drawn, and four times its form. */
export const DISC = 0;
export const HOLLOW = 1;
/** Without a value: hollow and struck through. */
export const MISSING = 2;

/** Forms of points, in their order. */
export const FORMS = ['disc', 'square', 'triangle', 'diamond', 'plus', 'cross'] as const;
export type Form = (typeof FORMS)[number];

export type Rgb = readonly [number, number, number];

/** Colours that are not a point's own, 0 to 255; `edge` lies over a point's rim with `edgeAlpha`. */
export interface Ink {
  readonly ground: Rgb;
  readonly ink: Rgb;
  readonly wrong: Rgb;
  readonly edge: Rgb;
  readonly edgeAlpha: number;
}

/** Points in drawing form. All arrays are indexed by sample. */
export interface Points {
  readonly count: number;
  /** Pairs x, y in data units; a point that is not finite at the end of the way is not drawn. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  /** How far on the way from `from` to `to`, 0 to 1, eased. */
  readonly t: number;
  /** Red, green, blue and the kind of body, four bytes a point. */
  readonly colours: Uint8Array;
  readonly flags: Uint8Array;
  /** Samples in the order of drawing. */
  readonly order: Uint32Array;
}

export interface PointStyle {
  /** CSS pixels. */
  readonly diameter: number;
  readonly opacity: number;
}

const STYLES: readonly (readonly [count: number, diameter: number, opacity: number])[] = [
  [500, 8, 0.9],
  [2_000, 6, 0.85],
  [10_000, 4, 0.7],
  [100_000, 2.5, 0.45],
  [1_000_000, 1.5, 0.2],
];

/** Size and opacity for `count` points, even in the logarithm between the table's rows. */
export function pointStyle(count: number, zoom = 1, side = 360): PointStyle {
  const grown = Math.min(3, Math.max(0.6, Math.sqrt(zoom))) * Math.min(1, Math.max(0.75, side / 360));
  const upper = STYLES.findIndex(([limit]) => count <= limit);
  if (upper === 0) return { diameter: STYLES[0]![1] * grown, opacity: STYLES[0]![2] };
  if (upper < 0) return { diameter: 1.5 * grown, opacity: 0.2 };
  const [c0, d0, o0] = STYLES[upper - 1]!;
  const [c1, d1, o1] = STYLES[upper]!;
  const t = Math.log(count / c0) / Math.log(c1 / c0);
  return { diameter: (d0 + (d1 - d0) * t) * grown, opacity: o0 + (o1 - o0) * t };
}

/** CSS pixels below which forms cannot be told apart. */
export const FORMS_FROM = 5.5;
/** More points than these would cover each other, were they large enough for forms. */
const MOST_FORMED = 50_000;

/** Whether any point is another form than a disc. */
export function hasForms(colours: Uint8Array): boolean {
  for (let at = 3; at < colours.length; at += 4) if (colours[at]! > 3) return true;
  return false;
}

/** The style where points have forms: large enough to tell them. */
export function formedStyle(style: PointStyle, count: number): PointStyle {
  if (count > MOST_FORMED) return style;
  return { ...style, diameter: Math.max(FORMS_FROM, style.diameter) };
}

/** From this diameter on wrong points are ringed: below it the rings would hide all colours. */
export const RING_FROM = 2.9;

/** The marks that points of this style carry, as bits of `WRONG` and `SELECTED`. */
export function shownMarks({ diameter }: PointStyle): number {
  return diameter >= RING_FROM ? WRONG | SELECTED : SELECTED;
}

/** Opacity of what is not selected while something is. */
export const DIMMED = 0.22;

/** 0 .. count-1 in an order that depends on the seed alone (Fisher-Yates over a xorshift). */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  for (let i = count - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

const LAYERS = 3;

function layerOf(flags: number): number {
  if (flags & WRONG) return 2;
  return flags & SELECTED ? 1 : 0;
}

/**
 * The shuffled order with hidden points left out, and selected, then wrong ones last. The focused
 * point is drawn above all of them, as a mark.
 * Within a layer the shuffle holds, so that no class covers another.
 */
export function drawOrder(order: Uint32Array, flags: Uint8Array): Uint32Array {
  const starts = new Uint32Array(LAYERS + 1);
  for (const i of order) {
    if (!(flags[i]! & HIDDEN)) starts[layerOf(flags[i]!) + 1]!++;
  }
  for (let layer = 0; layer < LAYERS; layer++) starts[layer + 1]! += starts[layer]!;
  const sorted = new Uint32Array(starts[LAYERS]!);
  for (const i of order) {
    if (!(flags[i]! & HIDDEN)) sorted[starts[layerOf(flags[i]!)]!++] = i;
  }
  return sorted;
}
