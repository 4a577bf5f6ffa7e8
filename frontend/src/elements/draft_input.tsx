import { type JSX } from 'preact';
import { useState } from 'preact/hooks';

export interface DraftInputProps {
  class: string;
  type: 'text' | 'number';
  value: string | number;
  /** Gets what was typed once it is entered; gives false where it cannot be used: then it stays to be corrected. */
  onEnter(text: string): boolean;
  min?: number | string;
  max?: number | string;
  step?: number | string;
  inputMode?: 'decimal';
  placeholder?: string;
  'aria-invalid': boolean;
}

/** An input whose text is its user's while they type: a page drawn anew meanwhile does not take it away. */
export function DraftInput({ type, value, onEnter, ...rest }: DraftInputProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      {...rest}
      type={type as 'number'}
      value={draft ?? value}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => onEnter(event.currentTarget.value) && setDraft(null)}
      onKeyDown={(event) => event.key === 'Escape' && setDraft(null)}
    />
  );
}
