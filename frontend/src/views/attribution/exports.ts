/** Maps as files: the numbers as they were computed, and a picture of all that is shown. */

import { type Attribution, type Grid } from '../../api';
import { type MapSlot, attributionMode, comparedEpochs, dropped, epochSlots, explained, payload, shownDeletions, shownSheet, slots, specs, step } from '../../store';
import { MAP_TITLES, type MapSpec, specWords } from '../../store/attribution_specs';
import { csv } from '../../csv';
import { download } from '../shared/download';
import { type MenuItem } from '../shared/menu';
import { floatsNpy } from '../shared/npy';
import { shownName, shownValues } from './picture';
import { randomOrders } from './random_orders';
import { cut, sheetItems } from './sheet_files';

interface Exported {
  slot: MapSlot;
  spec: MapSpec;
  epoch: number;
  /** Its place where several maps are of its method. */
  place: number | null;
}

function shownMaps(): Exported[] {
  const list = specs.value;
  const first = list[0];
  if (attributionMode.value === 'epochs') {
    return first ? comparedEpochs.value.map((epoch, k) => ({ slot: epochSlots[k]!, spec: first, epoch, place: null })) : [];
  }
  const several = ({ method }: MapSpec): boolean => list.filter((spec) => spec.method === method).length > 1;
  return list.map((spec, k) => ({ slot: slots[k]!, spec, epoch: step.value ?? 0, place: several(spec) ? k + 1 : null }));
}

/** Whose maps they are, as a part of a file's name. */
const subjectName = (): string => (dropped.peek() ? 'own-image' : String(explained.peek() ?? 0));

function fileName(...parts: readonly string[]): string {
  return [payload.peek()?.name ?? 'run', subjectName(), ...parts].join('-').replace(/[^\w.-]+/g, '_');
}

const mapName = ({ spec, epoch, place }: Exported): string => fileName(...(place === null ? [] : [`map-${place}`]), shownName(spec), `epoch-${epoch}`);

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
  const named = ({ spec, epoch, place }: Exported): string =>
    `${place === null ? '' : `${place}. `}${MAP_TITLES[spec.method]}${attributionMode.value === 'epochs' ? `, epoch ${epoch}` : ''}`;
  const files = done.flatMap((entry): MenuItem[] => {
    const { data, height, width } = exportedGrid(entry.spec, entry.slot.shown.value!);
    return [
      { label: `${named(entry)}, NPY`, run: () => download(new Blob([floatsNpy(data, [height, width])]), `${mapName(entry)}.npy`) },
      { label: `${named(entry)}, CSV`, run: () => download(textFile(mapCsv(data, width)), `${mapName(entry)}.csv`) },
    ];
  });
  return [{ label: 'Picture, PNG', disabled: done.length === 0, run: savePicture }, ...files, ...deletionItem()];
}

/** A map as it is shown; what is raw has the layer's size. */
export function exportedGrid(spec: MapSpec, map: Attribution): Grid {
  if (spec.method === 'grad_cam' && spec.cam === 'raw' && map.raw) return map.raw;
  return { data: shownValues(spec, map), height: map.height, width: map.width };
}

function deletionItem(): MenuItem[] {
  if (attributionMode.value === 'epochs') return [];
  const list = specs.value.flatMap((spec, k) => {
    const value = shownDeletions.value[k];
    return value ? [{ spec, value }] : [];
  });
  const first = list[0];
  if (!first) return [];
  const orders = randomOrders(list.map(({ value }) => value));
  const random = orders.map((value) => (orders.length > 1 ? `random ${payload.peek()?.manifest.class_names[value.class] ?? value.class}` : 'random'));
  const head = ['share_replaced', ...list.map(({ spec }, k) => `${k + 1} ${spec.method}`), ...random];
  const rows = Array.from(first.value.share, (share, k) => [share, ...[...list.map(({ value }) => value.score), ...orders.map((value) => value.random)].map((values) => values[k] ?? NaN)]);
  const name = fileName(`epoch-${step.peek() ?? 0}`, 'deletion.csv');
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
  canvas.height = SCALE * (2 * GAP + 5 * TEXT + tall);
  context.scale(SCALE, SCALE);
  context.imageSmoothingEnabled = false;
  context.fillStyle = style.backgroundColor === 'rgba(0, 0, 0, 0)' ? getComputedStyle(page.closest('.app')!).backgroundColor : style.backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const list = shownMaps();
  const before = tiles.length - list.length;
  tiles.forEach((tile, k) => {
    const entry = list[k - before];
    const map = entry?.slot.shown.value;
    const title = entry
      ? [MAP_TITLES[entry.spec.method], `${specWords(entry.spec, map?.layer || undefined)}, epoch ${entry.epoch}`, map ? `class ${map.className}` : '']
      : ['Input', dropped.peek()?.name ?? `sample ${explained.peek() ?? ''}`];
    drawTile(context, tile, GAP + k * (SIDE + GAP), tall, title, style.color);
  });
  canvas.toBlob((blob) => blob && download(blob, fileName('attribution.png')));
}

function drawTile(context: CanvasRenderingContext2D, tile: HTMLElement, left: number, tall: number, [title = '', ...about]: string[], ink: string): void {
  const family = getComputedStyle(tile).fontFamily;
  context.fillStyle = ink;
  context.font = `600 12px ${family}`;
  context.fillText(title, left, GAP, SIDE);
  context.font = `11px ${family}`;
  about.forEach((line, k) => context.fillText(cut(context, line, SIDE), left, GAP + (k + 1) * TEXT));
  const top = GAP + 2 * TEXT + 8;
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
