/** Numbers as the page writes them. */

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `2,000`. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? WHOLE.format(value) : formatSpecial(value);
}

function formatSpecial(value: number): string {
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  return 'NaN';
}

/** A fixed number of decimals; NaN and infinities as such. */
export function formatFixed(value: number, decimals = 3): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  const text = value.toFixed(decimals);
  if (text.length > decimals + 7) return value.toExponential(2).replace('-', '−').replace('e+', 'e');
  return Number(text) === 0 ? (0).toFixed(decimals) : text.replace('-', '−');
}

/** Loss in nats: three decimals. */
export function formatLoss(value: number): string {
  return formatFixed(value, 3);
}

/** A distance: three decimals, or what it takes to tell it from 0; no decimals that mean nothing. */
export function formatDistance(value: number): string {
  if (value > 0 && value < 0.001) return value.toExponential(1).replace('-', '−');
  return value < 100 ? formatFixed(value, 3) : formatValue(value);
}

/** About four significant digits, for a value whose scale is not known. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return WHOLE.format(value || 0).replace('-', '−');
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) {
    return value.toExponential(2).replaceAll('-', '−').replace('e+', 'e');
  }
  return Number(value.toPrecision(4)).toString().replace('-', '−');
}

/** `85.5%` of a share. */
export function formatPercent(share: number, decimals = 1): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(decimals)}%` : formatSpecial(share);
}

/** `1st`, `2nd`, `11th`. */
export function formatOrdinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${WHOLE.format(n)}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

/** `hardest`, `3rd hardest`. */
export function formatRank(rank: number): string {
  return rank === 1 ? 'hardest' : `${formatOrdinal(rank)} hardest`;
}

/** `28×28×1`; an axis that varies is `?`. */
export function formatShape(shape: readonly (number | null)[] | null): string {
  if (shape === null) return '–';
  return shape.map((size) => size ?? '?').join('×') || 'scalar';
}

/** What a column is, and whom its definition is by. */
export function definitionOf({ definition, source }: { definition: string; source: string }): string {
  return source ? `${definition} (${source})` : definition;
}
