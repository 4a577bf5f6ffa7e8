import { type JSX } from 'preact';
import { Icon, type IconName } from './icon';

export interface IconButtonProps {
  icon: IconName;
  /** Said by screen readers and shown as a tooltip. */
  label: string;
  onClick(): void;
  small?: boolean;
  disabled?: boolean;
  /** Set for a toggle. */
  pressed?: boolean;
  /** Set for a button that opens a popover. */
  expanded?: boolean;
}

export function IconButton(props: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={props.small ? 'icon-button small' : 'icon-button'}
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
    >
      <Icon name={props.icon} size={props.small ? 16 : 20} />
    </button>
  );
}
