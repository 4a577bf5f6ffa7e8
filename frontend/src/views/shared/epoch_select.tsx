import { type JSX } from 'preact';
import { Select } from '../../elements/select';
import { stepPosition, steps } from '../../store';

export interface EpochSelectProps {
  label: string;
  title: string;
  /** Empty: the epoch before the shown one; `first`, or a number. */
  value: string;
  onChange(value: string): void;
}

/** Another epoch than the shown one. */
export function EpochSelect({ label, title, value, onChange }: EpochSelectProps): JSX.Element {
  const before = steps.value[stepPosition.value - 1];
  const options = [
    { value: '', label: before ? `before (${before.step})` : 'the one before' },
    { value: 'first', label: `first (${steps.value[0]?.step ?? '–'})` },
    { label: 'Epoch', options: steps.value.map((entry) => ({ value: String(entry.step), label: `epoch ${entry.step}` })) },
  ];
  const known = value === 'first' || steps.value.some((entry) => String(entry.step) === value);
  return <Select small caption label={label} title={title} value={known ? value : ''} options={options} onChange={onChange} />;
}
