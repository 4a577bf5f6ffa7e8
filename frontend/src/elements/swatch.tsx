import { type JSX } from 'preact';
import { type Swatch as Look } from '../color';

export function Swatch({ look, small }: { look: Look; small?: boolean }): JSX.Element {
  const classes = ['swatch', small && 'small', look.hollow && 'hollow'].filter(Boolean).join(' ');
  return <span class={classes} style={{ '--hue': look.color }} aria-hidden="true" />;
}

/** A class by its swatch and name; the whole name is in the tooltip. */
export function ClassName({ look, name }: { look: Look | undefined; name: string }): JSX.Element {
  return (
    <span class="class-name" title={name}>
      {look && <Swatch look={look} small />}
      <span class="ellipsis">{name}</span>
    </span>
  );
}
