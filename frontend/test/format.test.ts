import { describe, expect, it } from 'vitest';
import { formatCount, formatDistance, formatFixed, formatLoss, formatOrdinal, formatPercent, formatRank, formatShape, formatValue } from '../src/format';

describe('numbers as the page writes them', () => {
  it('losses have three decimals, and show what is not finite as such', () => {
    expect([7.3384, 0, 53.6, NaN, Infinity, -Infinity].map(formatLoss)).toEqual(['7.338', '0.000', '53.600', 'NaN', '∞', '−∞']);
  });

  it('huge ones are short, negative zero has no sign', () => {
    expect([1e9, 123456.7, -1e-9, -2.5].map((value) => formatFixed(value, 2))).toEqual(['1.00e9', '123456.70', '0.00', '−2.50']);
  });

  it('counts are grouped', () => {
    expect([0, 2000, 60000].map(formatCount)).toEqual(['0', '2,000', '60,000']);
  });

  it('values of unknown scale have about four digits', () => {
    expect([130.717, 3, 1234567, 0.0000123, 0, -0, NaN, 1e-3].map(formatValue)).toEqual(['130.7', '3', '1,234,567', '1.23e−5', '0', '0', 'NaN', '0.001']);
  });

  it('shares are percentages', () => {
    expect([0.855, 1, NaN].map((share) => formatPercent(share))).toEqual(['85.5%', '100.0%', 'NaN']);
  });

  it('ranks are spoken', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1013].map(formatOrdinal)).toEqual(
      ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th', '1,013th'],
    );
    expect([1, 3].map(formatRank)).toEqual(['hardest', '3rd hardest']);
  });

  it('shapes show an axis that varies', () => {
    expect([[28, 28, 1], [null, 10], [], null].map(formatShape)).toEqual(['28×28×1', '?×10', 'scalar', '–']);
  });

  it('distances are told from 0 however small', () => {
    expect([0, 0.0551, 0.00012, 99.9999, 1234.567, NaN].map(formatDistance)).toEqual(['0.000', '0.055', '1.2e−4', '100.000', '1235', 'NaN']);
  });
});
