import { type JSX } from 'preact';

export interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; title?: string }[];
  onChange(value: T): void;
}

/** One of a few choices, all in sight. Arrow keys move between them. */
export function Segmented<T extends string>(props: SegmentedProps<T>): JSX.Element {
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = props.options.findIndex((option) => option.value === props.value);
    const next = (at + by + props.options.length) % props.options.length;
    const option = props.options[next];
    if (option) props.onChange(option.value);
    const buttons = (event.currentTarget as HTMLElement).querySelectorAll('button');
    buttons[next]?.focus();
  };
  return (
    <div class="segmented" role="radiogroup" aria-label={props.label} onKeyDown={move}>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          title={option.title}
          aria-checked={option.value === props.value}
          tabIndex={option.value === props.value ? 0 : -1}
          onClick={() => props.onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
