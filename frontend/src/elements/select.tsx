import { type JSX } from 'preact';

export interface Option {
  value: string;
  label: string;
}

export interface OptionGroup {
  label: string;
  options: readonly Option[];
}

export interface SelectProps {
  /** Said by screen readers, and shown before the value where `caption` is set. */
  label: string;
  value: string;
  options: readonly (Option | OptionGroup)[];
  onChange(value: string): void;
  caption?: boolean;
  small?: boolean;
  class?: string;
  title?: string;
}

export function Select(props: SelectProps): JSX.Element {
  const classes = ['control', props.small && 'small', props.class].filter(Boolean).join(' ');
  return (
    <label class={classes} title={props.title ?? props.label}>
      {props.caption && <span class="key" aria-hidden="true">{props.label}</span>}
      <select
        aria-label={props.label}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map((entry) =>
          'options' in entry ? (
            <optgroup key={entry.label} label={entry.label}>
              {entry.options.map((option) => choice(option, props.value))}
            </optgroup>
          ) : (
            choice(entry, props.value)
          ),
        )}
      </select>
      <span class="caret" aria-hidden="true">▾</span>
    </label>
  );
}

function choice({ value, label }: Option, chosen: string): JSX.Element {
  return (
    <option key={value} value={value} selected={value === chosen}>
      {label}
    </option>
  );
}
