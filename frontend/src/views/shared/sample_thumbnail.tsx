import { type JSX } from 'preact';
import { atlasAddress, payload } from '../../store';
import { Thumbnail } from '../../elements/thumbnail';

/** A watched sample's picture from the shown run's atlas. */
export function SampleThumbnail({ index, size, label }: { index: number; size: number; label?: string }): JSX.Element | null {
  const atlas = payload.value?.atlas;
  if (!atlas || atlas.pages === 0) return null;
  return <Thumbnail index={index} size={size} atlas={atlas} url={atlasAddress} {...(label ? { label } : {})} />;
}
