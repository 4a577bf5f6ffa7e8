/** Empty, error and progress: each says what to do next. */

import { type ComponentChildren, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { IconButton } from './button';
import { copyText } from './clipboard';
import { Icon } from './icon';

export interface ErrorStripProps {
  /** What went wrong and why. */
  what: string;
  /** What to do. */
  hint: string;
  onRetry?(): void;
}

/** Stands where the failure is; the last good picture stays below it. */
export function ErrorStrip({ what, hint, onRetry }: ErrorStripProps): JSX.Element {
  return (
    <div class="error-strip" role="alert">
      <Icon name="warning" size={16} />
      <span class="grow">
        <span>{sentence(what)}</span> <span class="muted">{sentence(hint)}</span>
      </span>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );
}

/** The server's messages follow Python's habit: no capital, no full stop. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital === '' || /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

export interface EmptyProps {
  /** One sentence. */
  children: ComponentChildren;
  /** What to copy, if that is the way on. */
  line?: string;
  action?: { label: string; onClick(): void };
}

export function Empty({ children, line, action }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <p>{children}</p>
      {line && <CopyLine text={line} />}
      {action && (
        <button type="button" class="button" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}

export function CopyLine({ text }: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => setCopied(await copyText(text));
  return (
    <div class="copy-line">
      <code>{text}</code>
      <IconButton icon={copied ? 'check' : 'copy'} label={copied ? 'Copied' : 'Copy'} onClick={() => void copy()} />
    </div>
  );
}

export interface ProgressProps {
  label: string;
  done: number;
  total: number;
  onCancel?(): void;
}

export function Progress({ label, done, total, onCancel }: ProgressProps): JSX.Element {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div class="progress" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
      <span>{label}</span>
      <span class="meter"><span style={{ width: `${100 * share}%` }} /></span>
      <span>{done} / {total}</span>
      {onCancel && <button type="button" class="button small" onClick={onCancel}>Cancel</button>}
    </div>
  );
}
