/**
 * Those of `candidates`, the first before the later, that are at least `dx` or `dy` apart from all
 * others taken. `xy` holds pairs by sample; what is not finite is not taken.
 */
export function separated(
  candidates: Iterable<number>,
  xy: Float32Array,
  dx: number,
  dy: number,
): Uint32Array {
  const taken: number[] = [];
  // A cell as large as the distance holds one at most.
  const cells = new Map<number, number>();
  const SPAN = 2 ** 24;
  for (const i of candidates) {
    const x = xy[2 * i]!;
    const y = xy[2 * i + 1]!;
    const column = Math.floor(x / dx);
    const row = Math.floor(y / dy);
    if (!Number.isFinite(column) || !Number.isFinite(row)) continue;
    const key = row * SPAN + column;
    if (cells.has(key)) continue;
    let free = true;
    for (let k = 0; k < 9 && free; k++) {
      const other = cells.get(key + (Math.floor(k / 3) - 1) * SPAN + (k % 3) - 1);
      if (other !== undefined) free = Math.abs(xy[2 * other]! - x) >= dx || Math.abs(xy[2 * other + 1]! - y) >= dy;
    }
    if (!free) continue;
    cells.set(key, i);
    taken.push(i);
  }
  return Uint32Array.from(taken);
}
