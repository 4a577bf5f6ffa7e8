/** Maps as files: the numbers as they were computed, and a picture of all that is shown. */

import { type MapSlot, attributionMode, comparedEpochs, epochSlots, explained, payload, shownDeletions, shownSheet, slots, specs, step } from '../../store';
import { MAP_TITLES, type MapSpec, specWords } from '../../store/attribution_specs';
import { csv } from '../../csv';
import { download } from '../shared/download';
import { type MenuItem } from '../shared/menu';
import { floatsNpy } from '../shared/npy';
import { sheetItems } from './sheet_files';

interface Exported {
  slot: MapSlot;
  spec: MapSpec;
  epoch: number;
}

function shownMaps(): Exported[] {
  const list = specs.value;
  const first = list[0];
  if (attributionMode.value === 'epochs') {
    return first ? comparedEpochs.value.map((epoch, k) => ({ slot: epochSlots[k]!, spec: first, epoch })) : [];
  }
  return list.map((spec, k) => ({ slot: slots[k]!, spec, epoch: step.value ?? 0 }));
}

function fileName({ spec, epoch }: Pick<Exported, 'spec' | 'epoch'>): string {
  return `${payload.peek()?.name ?? 'run'}-${explained.peek() ?? 0}-${spec.method}-epoch-${epoch}`.replace(/[^\w.-]+/g, '_');
}

/** A line a row of pixels, a column a column. */
export function mapCsv(map: Float32Array, width: number): string {
  const columns = Array.from({ length: width }, (_, x) => x);
  const rows = Array.from({ length: map.length / width }, (_, y) => [y, ...map.subarray(y * width, (y + 1) * width)]);
  return csv([['y \\ x', ...columns], ...rows]);
}

const textFile = (text: string): Blob => new Blob([text], { type: 'text/csv' });

export function exportItems(): MenuItem[] {
  if (attributionMode.value === 'sheet') return sheetItems(shownSheet.value, specs.value[0]);
  const done = shownMaps().filter(({ slot }) => slot.shown.value?.map && slot.current.value);
  const named = (entry: Exported): string => `${MAP_TITLES[entry.spec.method]}${attributionMode.value === 'epochs' ? `, epoch ${entry.epoch}` : ''}`;
  const files = done.flatMap((entry): MenuItem[] => {
    const { map, height, width } = entry.slot.shown.value!;
    return [
      { label: `${named(entry)}, NPY`, run: () => download(new Blob([floatsNpy(map!, [height, width])]), `${fileName(entry)}.npy`) },
      { label: `${named(entry)}, CSV`, run: () => download(textFile(mapCsv(map!, width)), `${fileName(entry)}.csv`) },
    ];
  });
  return [{ label: 'Picture, PNG', disabled: done.length === 0, run: savePicture }, ...files, ...deletionItem()];
}

function deletionItem(): MenuItem[] {
  if (attributionMode.value === 'epochs') return [];
  const list = specs.value.flatMap((spec, k) => {
    const value = shownDeletions.value[k];
    return value ? [{ spec, value }] : [];
  });
  const first = list[0];
  if (!first) return [];
  const head = ['share_replaced', ...list.map(({ spec }, k) => `${k + 1} ${spec.method}`), 'random'];
  const rows = Array.from(first.value.share, (share, k) => [share, ...list.map(({ value }) => value.score[k] ?? NaN), first.value.random[k] ?? NaN]);
  const name = `${fileName({ spec: first.spec, epoch: step.peek() ?? 0 })}-deletion.csv`;
  return [{ label: 'Deletion curves, CSV', run: () => download(textFile(csv([head, ...rows])), name) }];
}

const [SIDE, GAP, SCALE, TEXT] = [224, 24, 2, 16];

/** The tiles as they are shown, with their scales, twice as large. */
function savePicture(): void {
  const tiles = [...document.querySelectorAll<HTMLElement>('.attribution .map-tile')];
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const page = document.querySelector('.view');
  if (!context || !page || tiles.length === 0) return;
  const style = getComputedStyle(page);
  const shape = tiles[0]?.querySelector('canvas');
  const tall = Math.round((SIDE * (shape?.height ?? 1)) / (shape?.width ?? 1));
  canvas.width = SCALE * (GAP + tiles.length * (SIDE + GAP));
  canvas.height = SCALE * (2 * GAP + 4 * TEXT + tall);
  context.scale(SCALE, SCALE);
  context.imageSmoothingEnabled = false;
  context.fillStyle = style.backgroundColor === 'rgba(0, 0, 0, 0)' ? getComputedStyle(page.closest('.app')!).backgroundColor : style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const list = shownMaps();
  const before = tiles.length - list.length;
  tiles.forEach((tile, k) => {
    const entry = list[k - before];
    const title = entry ? [MAP_TITLES[entry.spec.method], `${specWords(entry.spec, entry.slot.shown.value?.layer || undefined)}, epoch ${entry.epoch}`] : ['Input', `sample ${explained.peek() ?? ''}`];
    drawTile(context, tile, GAP + k * (SIDE + GAP), tall, title, style.color);
  });
  canvas.toBlob((blob) => blob && download(blob, `${payload.peek()?.name ?? 'run'}-${explained.peek() ?? 0}-attribution.png`.replace(/[^\w.-]+/g, '_')));
}

function drawTile(context: CanvasRenderingContext2D, tile: HTMLElement, left: number, tall: number, [title = '', about = '']: string[], ink: string): void {
  const family = getComputedStyle(tile).fontFamily;
  context.fillStyle = ink;
  context.font = `600 12px ${family}`;
  context.fillText(title, left, GAP, SIDE);
  context.font = `11px ${family}`;
  context.fillText(about, left, GAP + TEXT, SIDE);
  const top = GAP + TEXT + 8;
  const picture = tile.querySelector('canvas');
  if (picture) context.drawImage(picture, left, top, SIDE, tall);
  const stops = tile.querySelector<HTMLElement>('.map-scale i')?.style.background.match(/rgb\([^)]*\)/g);
  if (!stops || stops.length < 2) return;
  const gradient = context.createLinearGradient(left, 0, left + SIDE, 0);
  stops.forEach((colour, k) => gradient.addColorStop(k / (stops.length - 1), colour));
  context.fillStyle = gradient;
  context.fillRect(left, top + tall + 8, SIDE, 8);
  context.fillStyle = ink;
  const labels = [...tile.querySelectorAll('.map-scale span')].map(({ textContent }) => textContent ?? '');
  labels.forEach((label, k) => {
    context.textAlign = (['left', 'center', 'right'] as const)[k] ?? 'left';
    context.fillText(label, left + (k * SIDE) / 2, top + tall + 32);
  });
  context.textAlign = 'left';
}
