import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface PopoverProps {
  open: boolean;
  onClose(): void;
  label: string;
  /** Which of the trigger's sides it lines up with; right by default. */
  side?: 'left' | 'right';
  /** The button that opens it. */
  trigger: ComponentChildren;
  children: ComponentChildren;
}

/** Closes on Escape and on a press outside. */
export function Popover({ open, onClose, label, side = 'right', trigger, children }: PopoverProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const press = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) onClose();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onClose();
      root.current?.querySelector<HTMLElement>('button')?.focus();
    };
    document.addEventListener('pointerdown', press);
    document.addEventListener('keydown', key, true);
    return () => {
      document.removeEventListener('pointerdown', press);
      document.removeEventListener('keydown', key, true);
    };
  }, [open, onClose]);
  // What had the focus in it is gone: the keyboard goes on from where it was opened.
  useEffect(() => {
    if (!open) return undefined;
    return () => {
      if (document.activeElement === document.body) root.current?.querySelector<HTMLElement>('button')?.focus();
    };
  }, [open]);
  return (
    <div class="anchor" ref={root}>
      {trigger}
      {open && (
        <div class={`popover ${side}`} role="dialog" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}
