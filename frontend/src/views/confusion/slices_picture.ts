import { type Slices } from '../../api';
import { formatCount, formatPercent } from '../../format';
import { cut } from './draw';

const [NAME, COUNT, WIDE, ROW, PAD] = [260, 70, 320, 24, 16];
const SCALE = 2;

/** Accuracy of every slice with its interval, the worst first; in the colours of `page`. */
export function slicesPicture(shown: Slices, page: Element): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = SCALE * (2 * PAD + NAME + COUNT + WIDE + 60);
  canvas.height = SCALE * (2 * PAD + ROW * (shown.rows.length + 1));
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const style = getComputedStyle(page);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  context.scale(SCALE, SCALE);
  context.fillStyle = token('surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  const text = (words: string, x: number, y: number, align: CanvasTextAlign, color = 'text'): void => {
    context.fillStyle = token(color);
    context.textAlign = align;
    context.fillText(words, x, y);
  };
  const left = PAD + NAME + COUNT;
  const x = (share: number): number => left + WIDE * share;
  text(shown.fields.join(' · '), PAD, PAD + ROW / 2, 'left', 'text-2');
  text('n', left - 16, PAD + ROW / 2, 'right', 'text-2');
  text('accuracy, Wilson 95%', left, PAD + ROW / 2, 'left', 'text-2');
  shown.rows.forEach((names, k) => {
    const y = PAD + ROW * (k + 1.5);
    const { value, low, high } = shown.accuracy;
    text(cut(context, names.join(' · '), NAME), PAD, y, 'left');
    text(formatCount(shown.count[k]!), left - 16, y, 'right');
    context.fillStyle = token('border');
    context.fillRect(left, y - 2, WIDE, 4);
    if (Number.isNaN(value[k])) return;
    context.fillStyle = token('text');
    context.fillRect(x(low[k]!), y - 0.5, x(high[k]!) - x(low[k]!), 1);
    for (const end of [low[k]!, high[k]!]) context.fillRect(x(end) - 0.5, y - 5, 1, 10);
    context.beginPath();
    context.arc(x(value[k]!), y, 3.5, 0, 2 * Math.PI);
    context.fill();
    text(formatPercent(value[k]!), left + WIDE + 60, y, 'right');
  });
  return canvas;
}
