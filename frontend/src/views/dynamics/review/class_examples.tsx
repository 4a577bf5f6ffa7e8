import { useComputed } from '@preact/signals';
import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { ClassName } from '../../../elements/swatch';
import { useSize } from '../../../elements/use_size';
import { formatCount, formatLoss } from '../../../format';
import { classStyles, column, shownMask } from '../../../store';
import { SampleThumbnail } from '../../shared/sample_thumbnail';
import { typical } from './examples';
import { className } from './words';

const TILE = 64;
const NARROW_TILE = 52;
const GAP = 8;
const MOST = 40;

/** What a class looks like where the model is right and sure of it. */
export function ClassExamples({ title, of }: { title: string; of: number }): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const tile = width < 250 ? NARROW_TILE : TILE;
  const fits = (room: number): number => Math.max(1, Math.floor((room + GAP) / (tile + GAP)));
  const most = Math.min(MOST, fits(width) * fits(height));
  const columns = ['label', 'prediction', 'loss'].map(column);
  const found = useTypical(of);
  const waiting = columns.some(({ loading }) => loading.value);
  const rule = `Correctly classified samples of this class, the lowest losses first, of ${formatCount(found.total)} in the shown splits`;
  return (
    <section class="panel review-class" aria-label={`${title}: ${className(of)}`}>
      <header class="panel-head" title={rule}>
        <span class="muted">{title}</span>
        <b class="ellipsis"><ClassName look={classStyles.value[of]} name={className(of)} /></b>
        <span class="grow" />
        <span class="caption ellipsis" title={rule}>surest of {formatCount(found.total)}</span>
      </header>
      <div class={waiting ? 'review-tiles waiting' : 'review-tiles'} ref={body}>
        {found.indices.slice(0, most).map((index) => (
          <span key={index} title={`#${index}, loss ${formatLoss(columns[2]?.data.value?.values[index] ?? NaN)}`}>
            <SampleThumbnail index={index} size={tile} label={`Sample ${index}, ${className(of)}`} />
          </span>
        ))}
        {!waiting && found.total === 0 && <p class="caption">No sample of this class is predicted right at this epoch.</p>}
      </div>
    </section>
  );
}

function useTypical(of: number): { indices: number[]; total: number } {
  const chosen = useRef(new Map<number, { of: readonly unknown[]; found: { indices: number[]; total: number } }>());
  const data = useComputed(() => ['label', 'prediction', 'loss'].map((name) => column(name).data.value?.values ?? null)).value;
  const mask = shownMask.value;
  const [labels, predictions, losses] = data;
  if (!labels || !predictions || !losses) return { indices: [], total: 0 };
  const made = chosen.current.get(of);
  if (made && made.of[0] === predictions && made.of[1] === losses && made.of[2] === mask) return made.found;
  const found = typical(of, { labels, predictions, losses }, mask, MOST);
  chosen.current.set(of, { of: [predictions, losses, mask], found });
  return found;
}
