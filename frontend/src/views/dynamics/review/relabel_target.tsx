import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Select } from '../../../elements/select';
import { chooseTarget, payload, relabelTarget, suggestedClass } from '../../../store';

/** The class that `relabel` gives; chosen, the keys are the review's again. */
export function RelabelTarget({ label }: { label: number }): JSX.Element {
  const suggested = suggestedClass.value;
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
        class="review-other"
        title="Relabel to another class"
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
