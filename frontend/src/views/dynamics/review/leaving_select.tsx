import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Select, type SelectProps } from '../../../elements/select';

/** A select that gives the keys back to the review: after a choice by pointer, and on Escape or Enter. */
export function LeavingSelect(props: SelectProps): JSX.Element {
  const box = useRef<HTMLSpanElement>(null);
  const byPointer = useRef(false);
  const leave = (): void => box.current?.querySelector('select')?.blur();
  return (
    <span
      ref={box}
      class="review-select"
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
        {...props}
        onChange={(value) => {
          props.onChange(value);
          if (byPointer.current) leave();
        }}
      />
    </span>
  );
}
