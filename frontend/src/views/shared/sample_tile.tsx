import { type JSX } from 'preact';
import { ClassName } from '../../elements/swatch';
import { formatLoss } from '../../format';
import { classStyles, column, focusSample, focused, payload } from '../../store';
import { SampleThumbnail } from './sample_thumbnail';
import './sample_tile.css';

export interface SampleTileProps {
  index: number;
  /** Side of the picture in CSS pixels. */
  size: number;
  /** What stands beside the index; its loss where nothing is said. */
  value?: { text: string; title: string };
}

/** A sample's picture, index and loss, label, and prediction with tick or cross; a click focuses it. */
export function SampleTile({ index, size, value }: SampleTileProps): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const looks = classStyles.value;
  const label = column('label').data.value?.values[index] ?? -1;
  const prediction = column('prediction').data.value?.values[index] ?? -1;
  const loss = formatLoss(column('loss').data.value?.values[index] ?? NaN);
  const name = (at: number): string => names[at] ?? 'unknown';
  const state = label < 0 ? '' : label === prediction ? 'correct' : 'wrong';
  const sign = { correct: '✓', wrong: '✗', '': '→' }[state];
  return (
    <button
      type="button"
      class="tile"
      style={{ minWidth: `${size}px` }}
      aria-current={focused.value === index}
      aria-label={`Sample ${index}, ${value ? `${value.title} ${value.text}` : `loss ${loss}`}, label ${name(label)}, predicted ${name(prediction)}`}
      onClick={() => focusSample(index)}
    >
      <SampleThumbnail index={index} size={size} />
      <span class="tile-line" title={value?.title ?? 'Loss in nats'}>
        <b>#{index}</b>
        <span>{value?.text ?? loss}</span>
      </span>
      <ClassName look={looks[label]} name={name(label)} />
      <span class={`ellipsis ${state}`} title={`predicted ${name(prediction)}`}>{sign} {name(prediction)}</span>
    </button>
  );
}
