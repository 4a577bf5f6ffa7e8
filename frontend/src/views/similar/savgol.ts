/** Savitzky-Golay smoothing (Savitzky and Golay 1964): a polynomial fitted within a moving window. */

export interface Smoothing {
  /** Odd number of values. */
  window: number;
  /** Degree of the polynomial, below `window`. */
  order: number;
}

/**
 * `values` smoothed. At both ends the fit to the first and the last whole window goes on to the
 * edge, as in SciPy's `savgol_filter` with `mode='interp'`. A value whose window holds one that is
 * not finite is NaN.
 */
export function savgol(values: Float32Array, { window, order }: Smoothing): Float32Array {
  const n = values.length;
  if (window > n || window % 2 === 0 || order >= window) {
    throw new RangeError(`expected an odd window of at most ${n} values, above the order; got ${window} and ${order}`);
  }
  const basis = polynomials(window, order);
  const half = (window - 1) / 2;
  const weights: Float64Array[] = [];
  const smoothed = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const start = Math.min(n - window, Math.max(0, i - half));
    const weight = (weights[i - start] ??= weightsAt(i - start, basis));
    let sum = 0;
    for (let k = 0; k < window; k++) sum += weight[k]! * values[start + k]!;
    smoothed[i] = Number.isFinite(sum) ? sum : NaN;
  }
  return smoothed;
}

/** What each value of a window weighs in the fit's value at `at`: a row of the projection onto the basis. */
function weightsAt(at: number, basis: readonly Float64Array[]): Float64Array {
  const weights = new Float64Array(basis[0]?.length ?? 0);
  for (const polynomial of basis) subtract(weights, polynomial, -polynomial[at]!);
  return weights;
}

/** Orthonormal polynomials up to `order` on `count` points: each power orthogonalised twice. */
function polynomials(count: number, order: number): Float64Array[] {
  const half = (count - 1) / 2;
  const basis: Float64Array[] = [];
  for (let degree = 0; degree <= order; degree++) {
    const next = Float64Array.from({ length: count }, (_, k) => ((k - half) / Math.max(1, half)) ** degree);
    for (let turn = 0; turn < 2; turn++) for (const before of basis) subtract(next, before, dot(next, before));
    const length = Math.sqrt(dot(next, next));
    basis.push(next.map((value) => value / length));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function subtract(from: Float64Array, other: Float64Array, factor: number): void {
  for (let k = 0; k < from.length; k++) from[k]! -= factor * other[k]!;
}
