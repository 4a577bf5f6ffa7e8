/** Two pictures of the same samples, laid over each other. */

export interface Aligned {
  /** The moving picture on the samples of the fixed one, x and y interleaved; NaN where unmatched. */
  xy: Float32Array;
  /** The fixed one, NaN where unmatched. */
  fixed: Float32Array;
  /** Correlation of the two after the alignment, 0 to 1. */
  correlation: number;
}

/**
 * Moves, turns or mirrors `moving` onto `fixed`, and gives it the same root mean square radius
 * (orthogonal Procrustes, Schoenemann 1966, in the plane).
 *
 * `index` and `otherIndex` are the pairs: a sample of `fixed` and the same one in `moving`.
 */
export function align(fixed: Float32Array, moving: Float32Array, index: Int32Array, otherIndex: Int32Array): Aligned {
  const count = index.length;
  const pairs = new Float64Array(4 * count);
  let n = 0;
  for (let k = 0; k < count; k++) {
    const [i, j] = [2 * index[k]!, 2 * otherIndex[k]!];
    const pair = [fixed[i]!, fixed[i + 1]!, moving[j]!, moving[j + 1]!];
    if (pair.every(Number.isFinite)) pairs.set(pair, 4 * n++);
  }
  const mean = [0, 0, 0, 0];
  for (let k = 0; k < 4 * n; k++) mean[k % 4]! += pairs[k]! / n;
  const [x0, y0, u0, v0] = mean as [number, number, number, number];
  // sums of products: own spread, the other's, and the four between them
  let [own, others, xu, xv, yu, yv] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < n; k++) {
    const [x, y, u, v] = [pairs[4 * k]! - x0, pairs[4 * k + 1]! - y0, pairs[4 * k + 2]! - u0, pairs[4 * k + 3]! - v0];
    own += x * x + y * y;
    others += u * u + v * v;
    xu += x * u;
    xv += x * v;
    yu += y * u;
    yv += y * v;
  }
  const turned = Math.hypot(xu + yv, yu - xv);
  const mirrored = Math.hypot(xu - yv, yu + xv);
  const flip = mirrored > turned ? -1 : 1;
  const angle = Math.atan2(yu - flip * xv, xu + flip * yv);
  const scale = others > 0 ? Math.sqrt(own / others) : 1;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const xy = new Float32Array(fixed.length).fill(NaN);
  const kept = new Float32Array(fixed.length).fill(NaN);
  for (let k = 0; k < count; k++) {
    const [i, j] = [2 * index[k]!, 2 * otherIndex[k]!];
    const [u, v] = [moving[j]! - u0, flip * (moving[j + 1]! - v0)];
    xy[i] = cos * u - sin * v + x0;
    xy[i + 1] = sin * u + cos * v + y0;
    kept[i] = fixed[i]!;
    kept[i + 1] = fixed[i + 1]!;
  }
  return { xy, fixed: kept, correlation: Math.max(turned, mirrored) / Math.sqrt(own * others) };
}
