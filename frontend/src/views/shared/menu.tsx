import { type ComponentChildren, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { type IconName } from '../../elements/icon';
import { Popover } from '../../elements/popover';
import './menu.css';

export interface MenuItem {
  label: ComponentChildren;
  disabled?: boolean;
  run(): void;
}

export interface MenuProps {
  label: string;
  icon: IconName;
  items: readonly MenuItem[];
  small?: boolean;
}

/** A button that opens a short list of what can be done. */
export function Menu({ label, icon, items, small = false }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      label={label}
      trigger={<IconButton small={small} icon={icon} label={label} expanded={open} onClick={() => setOpen(!open)} />}
    >
      <div class="menu">
        {items.map((item, k) => (
          <button
            key={k}
            type="button"
            disabled={item.disabled ?? false}
            onClick={() => {
              setOpen(false);
              item.run();
            }}
          >
            {item.label}
          </button>
        ))}
      </div>
    </Popover>
  );
}
