import { type ComponentChildren, type JSX } from 'preact';
import { atlasUrl } from '../../api';
import { ClassName } from '../../elements/swatch';
import { Thumbnail } from '../../elements/thumbnail';
import { formatLoss } from '../../format';
import { classStyles, column, payload, splitOf } from '../../store';

const LONGEST = 112;

/** Whole pixels of the thumbnail where it is small, at most 112 CSS pixels. */
export function cardImageSize(cellWidth: number, cellHeight: number): number {
  const longest = Math.max(1, cellWidth, cellHeight);
  return longest > LONGEST ? LONGEST : longest * Math.max(1, Math.floor(LONGEST / longest));
}

/** What the hover card says of a sample; `children` may add to it. */
export function HoveredSample({ index, children }: { index: number; children?: ComponentChildren }): JSX.Element | null {
  const shown = payload.value;
  const labels = column('label').data.value;
  const predictions = column('prediction').data.value;
  const losses = column('loss').data.value;
  if (!shown) return null;
  const { class_names: names } = shown.manifest;
  const label = labels?.values[index] ?? -1;
  const prediction = predictions?.values[index] ?? -1;
  const loss = losses?.values[index];
  const wrong = label >= 0 && label !== prediction;
  const { run, atlas } = shown;
  const size = cardImageSize(atlas.cell_width, atlas.cell_height);
  return (
    <>
      <Thumbnail index={index} size={size} atlas={atlas} url={(page) => atlasUrl(run, page)} />
      <span class="hovered-index"><b>#{index}</b> <span class="muted">{splitOf(index)}</span></span>
      <ClassName look={classStyles.value[label]} name={names[label] ?? 'no label'} />
      {predictions && (
        <span class={label < 0 ? 'hovered-prediction' : wrong ? 'hovered-prediction wrong' : 'hovered-prediction correct'}>
          <span>{label < 0 ? '→' : wrong ? '✗' : '✓'}</span>
          <ClassName look={classStyles.value[prediction]} name={names[prediction] ?? '–'} />
        </span>
      )}
      {loss !== undefined && <span class="muted">loss {formatLoss(loss)} nats</span>}
      {children}
    </>
  );
}
