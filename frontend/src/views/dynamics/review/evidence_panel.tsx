import { type JSX } from 'preact';
import { Icon } from '../../../elements/icon';
import { ClassName } from '../../../elements/swatch';
import { classStyles, column, ranking, rankingPlace, suggestedClass } from '../../../store';
import { type Evidence, type EvidenceRow, evidenceOf } from './evidence';
import { REASON_DEFINITIONS, REASON_WORDS, className } from './words';

/** Given and suggested class, and what speaks for each. */
export function EvidencePanel({ index }: { index: number }): JSX.Element {
  const label = column('label').data.value?.values[index] ?? -1;
  const at = rankingPlace.value;
  const suggested = suggestedClass.value;
  const evidence = ranking.value && at >= 0 ? evidenceOf(ranking.value, at, className(suggested), className(label)) : null;
  if (!evidence) return <Labels suggested={suggested} label={label} rows={[]} />;
  return (
    <>
      <Labels suggested={suggested} label={label} rows={evidence.rows} />
      <Reasons evidence={evidence} />
    </>
  );
}

function Labels({ label, suggested, rows }: { label: number; suggested: number; rows: readonly EvidenceRow[] }): JSX.Element {
  const head = (title: string, of: number): JSX.Element => (
    <th scope="col">
      <span class="caption">{title}</span>
      {of < 0 ? <span class="muted">none</span> : <ClassName look={classStyles.value[of]} name={className(of)} />}
    </th>
  );
  return (
    <table class="review-evidence" aria-label="Evidence">
      <thead>
        <tr>
          <td />
          {head('Given', label)}
          {head('Suggested', suggested)}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.what} title={row.definition}>
            <th scope="row">{row.what}</th>
            <td>{row.given ?? ''}</td>
            <td>{row.suggested ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Both readings of the evidence; the one that the ranking takes is marked. */
function Reasons({ evidence }: { evidence: Evidence }): JSX.Element {
  const readings = [
    { reason: 'mislabelled' as const, because: evidence.mislabelled },
    { reason: 'hard' as const, because: evidence.hard },
  ];
  return (
    <ul class="review-reasons">
      {readings.map(({ reason, because }) => {
        const taken = evidence.reason === reason;
        return (
          <li key={reason} class={taken ? 'taken' : ''} title={REASON_DEFINITIONS[reason]}>
            <Icon name={taken ? 'check' : 'close'} size={14} />
            <span><b>{REASON_WORDS[reason]}{taken ? ',' : '?'}</b> {because}</span>
          </li>
        );
      })}
    </ul>
  );
}
