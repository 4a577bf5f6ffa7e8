import { type JSX } from 'preact';
import { type AtlasInfo } from '../schema';

export interface ThumbnailProps {
  index: number;
  /** Longest side in CSS pixels. */
  size: number;
  atlas: AtlasInfo;
  /** Address of a page of the atlas. */
  url(page: number): string;
  label?: string;
}

/** One sample's picture, cut from the atlas; centred in a square. */
export function Thumbnail({ index, size, atlas, url, label }: ThumbnailProps): JSX.Element {
  const page = Math.floor(index / atlas.per_page);
  const cell = index % atlas.per_page;
  const scale = size / Math.max(atlas.cell_width, atlas.cell_height);
  const width = atlas.cell_width * scale;
  const height = atlas.cell_height * scale;
  const x = (cell % atlas.columns) * width;
  const y = Math.floor(cell / atlas.columns) * height;
  return (
    <span
      class="thumbnail"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      style={{
        width: `${width}px`,
        height: `${height}px`,
        margin: `${(size - height) / 2}px ${(size - width) / 2}px`,
        backgroundImage: `url("${url(page)}")`,
        backgroundPosition: `${-x}px ${-y}px`,
        backgroundSize: `${atlas.columns * width}px auto`,
        imageRendering: scale >= 2 ? 'pixelated' : 'auto',
      }}
    />
  );
}
