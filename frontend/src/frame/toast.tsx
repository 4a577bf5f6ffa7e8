import { signal } from '@preact/signals';
import { type JSX } from 'preact';
import { awaited } from '../store/patience';
import { copyText } from '../elements/clipboard';

const message = signal<{ text: string; link: string | null } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Copies a link and says so; shows it for copying by hand where the browser forbids that. */
export async function shareLink(link: string): Promise<void> {
  const copied = await copyText(link);
  show(copied ? { text: 'Link copied', link: null } : { text: 'Copy this link:', link }, copied ? 2000 : 20000);
}

/** Says something for a while. */
export function say(text: string): void {
  show({ text, link: null }, 8000);
}

function show(shown: { text: string; link: string | null }, milliseconds: number): void {
  message.value = shown;
  clearTimeout(timer);
  timer = setTimeout(() => (message.value = null), milliseconds);
}

export function Toast(): JSX.Element {
  const shown = message.value;
  return (
    <>
      <div role="status" aria-live="polite">
        {shown && (
          <div class="toast">
            {shown.text} {shown.link && <input readOnly value={shown.link} onFocus={(event) => event.currentTarget.select()} />}
          </div>
        )}
      </div>
      {!shown && awaited.value && <div class="toast">{awaited.value}</div>}
    </>
  );
}
