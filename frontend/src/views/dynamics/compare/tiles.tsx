import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ClassName } from '../../../elements/swatch';
import { useSize } from '../../../elements/use_size';
import { useVirtualRows } from '../../../elements/virtual_rows';
import { type Comparison } from '../../../api';
import { formatFixed } from '../../../format';
import { classStyles, column, focusSample, focused } from '../../../store';
import { SampleThumbnail } from '../../shared/sample_thumbnail';

const TILE = 88;
const GAP = 14;
const TILE_HEIGHT = TILE + 4 * 16 + 14;

/** Samples with both predictions, as many as are in sight; arrows walk over them. */
export function Tiles({ found, samples }: { found: Comparison; samples: Int32Array }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [width] = useSize(scroller);
  const across = Math.max(1, Math.floor((width - 10) / (TILE + GAP)));
  const rows = useVirtualRows(scroller, Math.ceil(samples.length / across), TILE_HEIGHT, 0);
  const first = samples[0];
  useEffect(() => scroller.current?.scrollTo(0, 0), [first, samples.length]);
  const at = focused.value === null ? -1 : samples.indexOf(focused.value);
  const walk = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Number((event.target as HTMLElement).dataset['at'] ?? at) + by;
    if (samples[next] === undefined) return;
    focusSample(samples[next]);
    rows.scrollTo(Math.floor(next / across));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus());
  };
  return (
    <div class="compare-tiles" ref={scroller} onKeyDown={walk}>
      <div style={{ height: `${rows.totalHeight}px` }}>
        {rows.items.flatMap(({ index: row }) =>
          Array.from(samples.subarray(row * across, (row + 1) * across), (index, k) => {
            const place = row * across + k;
            return <Tile key={index} found={found} index={index} at={place} reached={place === Math.max(0, at)} x={k * (TILE + GAP)} y={row * TILE_HEIGHT} />;
          }),
        )}
      </div>
    </div>
  );
}

interface TileProps {
  found: Comparison;
  index: number;
  at: number;
  /** By the tab key. */
  reached: boolean;
  x: number;
  y: number;
}

function Tile({ found, index, at, reached, x, y }: TileProps): JSX.Element {
  const place = placeOf(found.index, index);
  const label = column('label').data.value?.values[index];
  const [before, after, by] = [found.otherPrediction[place], found.prediction[place], found.lossDifference[place]];
  const looks = classStyles.value;
  const name = (of: number | undefined): string => (of === undefined ? '' : (found.classNames[of] ?? '–'));
  const moved = by === undefined || Number.isNaN(by) ? '' : `${by > 0 ? '+' : ''}${formatFixed(by, 2)}`;
  const said = `Sample ${index}, label ${name(label)}, the other predicted ${name(before)}, this run ${name(after)}, loss difference ${moved || 'unknown'}`;
  const judged = (prediction: number | undefined): JSX.Element => (
    <span class={`ellipsis ${prediction === label ? 'correct' : 'wrong'}`} title={name(prediction)}>{prediction === label ? '✓' : '✗'} {name(prediction)}</span>
  );
  return (
    <button
      type="button"
      class={index === focused.value ? 'image-tile focused' : 'image-tile'}
      data-at={at}
      tabIndex={reached ? 0 : -1}
      aria-pressed={index === focused.value}
      aria-label={said}
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${TILE}px` }}
      onClick={() => focusSample(index)}
    >
      <SampleThumbnail index={index} size={TILE} />
      <span class="compare-line" title="Difference of the loss, in nats"><b>#{index}</b> <span class="muted">{moved}</span></span>
      <ClassName look={looks[label ?? -1]} name={name(label)} />
      {judged(before)}
      <span class="compare-after"><span class="muted">→</span> {judged(after)}</span>
    </button>
  );
}

/** The place of a sample among the matched, which ascend. */
export function placeOf(index: Int32Array, sample: number): number {
  let [low, high] = [0, index.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index[middle]! < sample) low = middle + 1;
    else high = middle;
  }
  return low;
}
