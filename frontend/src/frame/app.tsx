import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { startStore, theme, view } from '../store';
import { VIEWS } from '../views';

export function App(): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => (root.current ? startStore(root.current) : undefined), []);
  const View = (VIEWS.find((entry) => entry.name === view.value) ?? VIEWS[0])?.component;
  return (
    <div class="app" data-theme={theme.value} ref={root}>
      <main class="view">{View && <View />}</main>
    </div>
  );
}
