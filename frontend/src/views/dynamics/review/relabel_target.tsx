import { type JSX } from 'preact';
import { chooseTarget, payload, relabelTarget, suggestedClass } from '../../../store';
import { LeavingSelect } from './leaving_select';

/** The class that `relabel` gives. */
export function RelabelTarget({ label }: { label: number }): JSX.Element {
  const suggested = suggestedClass.value;
  const names = payload.value?.manifest.class_names ?? [];
  const options = names.flatMap((name, k) => (k === label ? [] : [{ value: String(k), label: k === suggested ? `${name} (suggested)` : name }]));
  return (
    <LeavingSelect
      class="review-other"
      title="Relabel to another class"
      label="Relabel to"
      value={String(relabelTarget.value)}
      options={options}
      onChange={(value) => chooseTarget(Number(value))}
    />
  );
}
