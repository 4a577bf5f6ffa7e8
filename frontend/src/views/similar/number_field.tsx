import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { DraftInput } from '../../elements/draft_input';
import { formatCount } from '../../format';

export interface NumberFieldProps {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange(value: number): void;
}

/** A whole number within bounds; anything else is told in place and changes nothing. */
export function NumberField({ label, value, min, max, onChange }: NumberFieldProps): JSX.Element {
  const [bad, setBad] = useState(false);
  const range = `${formatCount(min)} to ${formatCount(max)}`;
  const enter = (text: string): boolean => {
    const wanted = Number(text);
    const valid = text.trim() !== '' && Number.isInteger(wanted) && wanted >= min && wanted <= max;
    setBad(!valid);
    if (valid) onChange(wanted);
    return valid;
  };
  return (
    <label class="number-field" title={`${label}: ${range}`}>
      <span class="caption">{label}</span>
      <DraftInput class="text-field" type="number" min={min} max={max} step={1} value={value} aria-invalid={bad} onEnter={enter} />
      {bad && <span class="caption wrong" role="alert">{range}</span>}
    </label>
  );
}
