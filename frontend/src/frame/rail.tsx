import { type JSX } from 'preact';
import { Icon } from '../elements/icon';
import { view } from '../store';
import { VIEWS } from '../views';

export function Rail(): JSX.Element {
  return (
    <nav class="rail" aria-label="Views">
      {VIEWS.map(({ name, label, key, icon }) => (
        <button
          key={name}
          type="button"
          title={`${label} (${key})`}
          aria-label={label}
          aria-current={view.value === name ? 'page' : undefined}
          onClick={() => (view.value = name)}
        >
          <Icon name={icon} />
          <span>{label}</span>
        </button>
      ))}
    </nav>
  );
}
