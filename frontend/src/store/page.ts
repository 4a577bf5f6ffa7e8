/** What surrounds the page: TensorBoard's theme, and whether the tab is seen. */

import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const themeNow = signal<Theme>('light');
const visibleNow = signal(true);

export const theme: ReadonlySignal<Theme> = themeNow;
/** False while another tab of TensorBoard, or of the browser, is in front. */
export const pageVisible: ReadonlySignal<boolean> = visibleNow;

function parentBody(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.body;
  } catch {
    return null;
  }
}

/** There is no hand-over of the theme: TensorBoard marks its body with a class. */
export function watchTheme(): () => void {
  const body = parentBody();
  if (!body) {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => void (themeNow.value = query.matches ? 'dark' : 'light');
    update();
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }
  const update = (): void => {
    themeNow.value = body.classList.contains('dark-mode') ? 'dark' : 'light';
  };
  update();
  const observer = new MutationObserver(update);
  observer.observe(body, { attributes: true, attributeFilter: ['class'] });
  return () => observer.disconnect();
}

export function watchVisibility(root: Element): () => void {
  let intersecting = true;
  const update = (): void => void (visibleNow.value = intersecting && !document.hidden);
  const observer = new IntersectionObserver((entries) => {
    intersecting = entries.at(-1)?.isIntersecting ?? true;
    update();
  });
  observer.observe(root);
  document.addEventListener('visibilitychange', update);
  return () => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', update);
  };
}
