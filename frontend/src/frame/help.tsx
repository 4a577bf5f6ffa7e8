import { type JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { signal } from '@preact/signals';
import { IconButton } from '../elements/button';
import { Popover } from '../elements/popover';
import { keyHelp } from './keys';

export const helpOpen = signal(false);

export function HelpButton(): JSX.Element {
  const close = useCallback(() => (helpOpen.value = false), []);
  const toggle = (): void => void (helpOpen.value = !helpOpen.value);
  return (
    <Popover
      open={helpOpen.value}
      onClose={close}
      label="Keyboard"
      trigger={<IconButton icon="help" label="Keys (?)" expanded={helpOpen.value} onClick={toggle} />}
    >
      <h2>Keys</h2>
      <div class="keys">
        {keyHelp.value.map(({ key, shown, label }) => (
          <>
            <span><kbd>{shown ?? key}</kbd></span>
            <span>{label}</span>
          </>
        ))}
      </div>
    </Popover>
  );
}
