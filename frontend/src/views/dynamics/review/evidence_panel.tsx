import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from '../../../elements/icon';
import { Select } from '../../../elements/select';
import { ClassName } from '../../../elements/swatch';
import { chooseTarget, classStyles, column, payload, ranking, rankingPlace, relabelTarget, suggestedClass } from '../../../store';
import { type Evidence, evidenceOf } from './evidence';
import { REASON_WORDS, className } from './words';

/** Given and suggested class, and what speaks for each. */
export function EvidencePanel({ index }: { index: number }): JSX.Element {
  const label = column('label').data.value?.values[index] ?? -1;
  const at = rankingPlace.value;
  const suggested = suggestedClass.value;
  const evidence = ranking.value && at >= 0 ? evidenceOf(ranking.value, at, className(suggested), className(label)) : null;
  return (
    <>
      <div class="review-labels">
        <div>
          <span class="caption">Given label</span>
          <b><ClassName look={classStyles.value[label]} name={className(label)} /></b>
        </div>
        <span class="review-arrow" aria-hidden="true">→</span>
        <div>
          <span class="caption">Suggested label</span>
          <b>{suggested < 0 ? <span class="muted">none</span> : <ClassName look={classStyles.value[suggested]} name={className(suggested)} />}</b>
        </div>
        <Target label={label} suggested={suggested} />
      </div>
      {evidence && <Table evidence={evidence} suggested={suggested} label={label} />}
      {evidence && <Reasons evidence={evidence} />}
    </>
  );
}

/** The class that `relabel` gives; chosen, the keys are the review's again. */
function Target({ label, suggested }: { label: number; suggested: number }): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const box = useRef<HTMLSpanElement>(null);
  const byPointer = useRef(false);
  const options = names.flatMap((name, k) => (k === label ? [] : [{ value: String(k), label: k === suggested ? `${name} (suggested)` : name }]));
  const leave = (): void => box.current?.querySelector('select')?.blur();
  return (
    <span
      ref={box}
      class="review-target"
      onPointerDown={() => (byPointer.current = true)}
      onKeyDown={(event) => {
        byPointer.current = false;
        if (event.key !== 'Escape' && event.key !== 'Enter') return;
        event.preventDefault();
        event.stopPropagation();
        leave();
      }}
    >
      <Select
        small
        caption
        label="Relabel to"
        value={String(relabelTarget.value)}
        options={options}
        onChange={(value) => {
          chooseTarget(Number(value));
          if (byPointer.current) leave();
        }}
      />
    </span>
  );
}

function Table({ evidence, suggested, label }: { evidence: Evidence; suggested: number; label: number }): JSX.Element {
  return (
    <table class="review-evidence" aria-label="Evidence">
      <thead>
        <tr>
          <td />
          <th scope="col"><ClassName look={classStyles.value[suggested]} name={className(suggested)} /></th>
          <th scope="col"><ClassName look={classStyles.value[label]} name={className(label)} /></th>
        </tr>
      </thead>
      <tbody>
        {evidence.rows.map((row) => (
          <tr key={row.what} title={row.definition}>
            <th scope="row">{row.what}</th>
            <td>{row.suggested ?? ''}</td>
            <td>{row.given ?? ''}</td>
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
          <li key={reason} class={taken ? 'taken' : ''}>
            <Icon name={taken ? 'check' : 'close'} size={14} />
            <span><b>{REASON_WORDS[reason]}{taken ? ':' : '?'}</b> {because}</span>
          </li>
        );
      })}
    </ul>
  );
}
