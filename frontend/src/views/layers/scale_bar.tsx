import { type JSX } from 'preact';
import { type Scale, rampOf } from '../../draw/ramp';
import { formatValue } from '../../format';
import { theme } from '../../store';
import { type TileInk } from './tiles';

export interface ScaleBarProps {
  scale: Scale;
  /** The high end; null: each tile has its own. */
  most: number | null;
  /** The colours lie over a picture. */
  over?: boolean;
  /** In place of the colours, in a picture. */
  words?: string;
}

/** The colours and what they mean. */
export function ScaleBar({ scale, most, over = false }: ScaleBarProps): JSX.Element {
  const [low, high] = ends(scale, most);
  return (
    <span class="scale-bar" role="img" aria-label={`Colours from ${low} to ${high}${most === null ? ', each tile by its own largest value' : ''}`}>
      <span>{low}</span>
      <i style={{ background: gradient(scale, over || theme.value === 'dark') }} />
      <span>{high}</span>
    </span>
  );
}

function ends(scale: Scale, most: number | null): [string, string] {
  const high = most === null ? 'own max' : formatValue(most);
  return [scale === 'diverging' ? (most === null ? '−own max' : formatValue(-most)) : '0', high];
}

function stops(scale: Scale, dark: boolean): string[] {
  const ramp = rampOf(scale, dark);
  return Array.from({ length: 17 }, (_, k) => {
    const at = 3 * 16 * k;
    return `rgb(${ramp[at]} ${ramp[at + 1]} ${ramp[at + 2]})`;
  });
}

const gradient = (scale: Scale, dark: boolean): string => `linear-gradient(to right, ${stops(scale, dark).join(', ')})`;

const HEAD = 56;
const PAD = 24;

/** A picture below a line that says what it shows, with the scale; at twice its size. */
export function titled(picture: HTMLCanvasElement, title: string, { scale, most, over = false, words }: ScaleBarProps, ink: TileInk): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  context.font = ink.font.replace('11px', '22px');
  const [low, high] = ends(scale, most);
  const legend = [low, high].reduce((sum, text) => sum + context.measureText(text).width + 12, 240);
  canvas.width = Math.max(picture.width, 2 * PAD + Math.max(legend, context.measureText(title).width));
  canvas.height = picture.height + 2 * HEAD;
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, HEAD);
  context.font = ink.font.replace('11px', '22px');
  context.fillStyle = ink.text;
  context.fillText(title, PAD, 38);
  const base = canvas.height - 20;
  if (words) {
    context.fillText(words, PAD, base);
    return canvas;
  }
  const left = PAD + context.measureText(low).width + 12;
  const bar = context.createLinearGradient(left, 0, left + 240, 0);
  stops(scale, over || ink.dark).forEach((colour, k, all) => bar.addColorStop(k / (all.length - 1), colour));
  context.fillText(low, PAD, base);
  context.fillText(high, left + 252, base);
  context.fillStyle = bar;
  context.fillRect(left, base - 18, 240, 20);
  return canvas;
}
