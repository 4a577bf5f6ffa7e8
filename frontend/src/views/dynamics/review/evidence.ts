/** What speaks for and against a label, in words and numbers. */

import { type LabelErrors, type Reason } from '../../../api';
import { formatFixed, formatPercent, formatValue } from '../../../format';

/** One kind of evidence; null where it is not known. */
export interface EvidenceRow {
  what: string;
  /** What it is, for the tooltip. */
  definition: string;
  suggested: string | null;
  given: string | null;
}

export interface Evidence {
  reason: Reason;
  rows: EvidenceRow[];
  /** What speaks for a wrong label, and for one that is right but hard to learn. */
  mislabelled: string;
  hard: string;
}

/** The neighbours that are looked at, as analysis/label_errors.py has them. */
const NEIGHBORS = 15;

/** Of the sample at a place of the ranking; the names are those of the suggested and the given class. */
export function evidenceOf(ranking: LabelErrors, at: number, suggested: string, given: string): Evidence {
  const value = (name: string): number => ranking.evidence.get(name)?.[at] ?? NaN;
  const { epochs } = ranking;
  const predicted = counted(value('alternative_share'), epochs);
  const right = counted(value('label_share'), epochs);
  const [near, nearOwn] = [counted(value('neighbor_share'), NEIGHBORS), counted(value('neighbor_label_share'), NEIGHBORS)];
  const others = predicted === null || right === null ? null : epochs - predicted - right;
  const rows: EvidenceRow[] = [
    { what: 'Predicted', definition: `Epochs up to this one at which it was predicted so, of ${epochs}`, suggested: shown(predicted, `of ${epochs}`), given: shown(right, `of ${epochs}`) },
    { what: 'Mean score', definition: `Mean score of the class over the ${epochs} epochs`, suggested: fixed(value('alternative_score')), given: fixed(value('mean_label_score')) },
    { what: `Nearest ${NEIGHBORS}`, definition: `Labels of the ${NEIGHBORS} nearest labelled samples in ${ranking.layer || 'an embedding'} (cosine)`, suggested: shown(near, ''), given: shown(nearOwn, '') },
    { what: 'Mean margin', definition: `Logit of the given class minus the largest other, mean over the ${epochs} epochs (Pleiss et al. 2020)`, suggested: null, given: Number.isFinite(value('mean_margin')) ? formatValue(Number(value('mean_margin').toPrecision(3))) : null },
  ];
  const likely = ranking.score[at] ?? NaN;
  const nearest = (count: number | null): string => (count === null ? '' : `; ${count} of its ${NEIGHBORS} nearest are labelled so`);
  return {
    reason: ranking.reasons[at] ?? 'nothing',
    rows: rows.filter((row) => row.suggested !== null || row.given !== null),
    mislabelled: `${formatPercent(likely, 0)} likely: predicted ${suggested} in ${predicted ?? '–'} of ${epochs} epochs${nearest(near)}.`,
    hard: `${formatPercent(1 - likely, 0)} likely: predicted ${given} in ${right ?? '–'} of ${epochs} epochs, a third class in ${others ?? '–'}${nearest(nearOwn)}.`,
  };
}

const counted = (share: number, of: number): number | null => (Number.isFinite(share) ? Math.round(share * of) : null);
const shown = (count: number | null, of: string): string | null => (count === null ? null : `${count} ${of}`.trim());
const fixed = (score: number): string | null => (Number.isFinite(score) ? formatFixed(score) : null);
