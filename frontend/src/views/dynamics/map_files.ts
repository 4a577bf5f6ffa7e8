/** The data map as files. */

import { type RunPayload } from '../../schema';
import { csv } from '../../csv';
import { pictureOf } from '../shared/svg_png';
import { REGIONS, regionOf } from './cartography_model';

export interface Plotted {
  variability: ArrayLike<number>;
  confidence: ArrayLike<number>;
  correctness: ArrayLike<number>;
  labels: ArrayLike<number>;
}

/** One line a shown sample that has a place. */
export function mapCsv({ variability, confidence, correctness, labels }: Plotted, { manifest }: RunPayload, shown: ArrayLike<number>): string {
  const rows: (string | number)[][] = [['sample_index', 'split', 'label', 'variability', 'confidence', 'correctness', 'region']];
  for (const split of manifest.splits) {
    for (let i = split.start; i < split.start + split.count; i++) {
      const region = regionOf(variability[i]!, confidence[i]!);
      if (!shown[i] || region < 0) continue;
      rows.push([i, split.name, manifest.class_names[labels[i]!] ?? '', variability[i]!, confidence[i]!, correctness[i]!, REGIONS[region]!]);
    }
  }
  return csv(rows);
}

/** The points within their axes, with a line of `words` above, on the ground of `page`. */
export async function mapPng(points: Blob, axes: SVGSVGElement, left: number, top: number, words: string, page: Element): Promise<Blob | null> {
  const bitmap = await createImageBitmap(points);
  const { width, height } = axes.getBoundingClientRect();
  const unit = Math.max(2, devicePixelRatio || 1);
  const head = 24;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [unit * width, unit * (height + head)];
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(unit, unit);
  const { backgroundColor, color, fontFamily } = getComputedStyle(page);
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, width, height + head);
  context.fillStyle = color;
  context.font = `12px ${fontFamily}`;
  context.fillText(words, left, 16, width - left);
  const density = devicePixelRatio || 1;
  context.drawImage(bitmap, left, head + top, bitmap.width / Math.min(3, density), bitmap.height / Math.min(3, density));
  context.drawImage(await pictureOf(axes), 0, head, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve));
}
