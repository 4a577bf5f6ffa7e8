import { type ComponentChildren, type JSX } from 'preact';

export interface PanelProps {
  title: string;
  /** At the right of the title. */
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Panel({ title, aside, class: extra, children }: PanelProps): JSX.Element {
  return (
    <section class={extra ? `panel ${extra}` : 'panel'} aria-label={title}>
      <header class="panel-head">
        <h2 class="ellipsis">{title}</h2>
        <span class="grow" />
        {aside}
      </header>
      {children}
    </section>
  );
}
