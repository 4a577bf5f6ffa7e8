/** A sheet of maps as files. */

import { type Sheet } from '../../api';
import { atlasAddress, mapOpacity, payload, step } from '../../store';
import { MAP_TITLES, type MapSpec, specWords } from '../../store/attribution_specs';
import { csv } from '../../csv';
import { download } from '../shared/download';
import { type MenuItem } from '../shared/menu';
import { floatsNpy } from '../shared/npy';
import { largest, overlay } from './paint';
import { shownName, shownUnit } from './picture';
import { sheetMaps } from './sheet';

const [SIDE, GAP, TEXT, HEAD, COLUMNS, SCALE] = [84, 14, 36, 44, 8, 2];

const fileName = (spec: MapSpec, end: string): string =>
  `${payload.peek()?.name ?? 'run'}-${shownName({ ...spec, cam: 'heat' })}-epoch-${step.peek() ?? 0}-sheet${end}`.replace(/[^\w.-]+/g, '_');

/** A line a sample: whose score, that score, and where its map is largest. */
export function sheetCsv(sheet: Sheet, spec: MapSpec, names: readonly string[]): string {
  const rows = sheetMaps(sheet, spec).map(({ index, values }, k) => {
    const most = largest(values, sheet.width);
    return [index, names[sheet.classes[k] ?? -1] ?? '', sheet.baseline[k] ?? NaN, most?.value ?? NaN, most?.x ?? NaN, most?.y ?? NaN];
  });
  return csv([['sample_index', 'class', 'score', 'largest', 'x', 'y'], ...rows]);
}

/** All maps as they are shown, one after the other; NaN where not made yet. */
export function shownMaps(sheet: Sheet, spec: MapSpec): Float32Array {
  const maps = sheet.maps.slice();
  const size = sheet.height * sheet.width;
  sheetMaps(sheet, spec).forEach(({ values }, k) => maps.set(values, k * size));
  return maps;
}

export function sheetItems(sheet: Sheet | null, spec: MapSpec | undefined): MenuItem[] {
  const ready = sheet !== null && spec !== undefined;
  const names = payload.value?.manifest.class_names ?? [];
  return [
    { label: 'Sheet, PNG', disabled: !ready, run: () => void (ready && saveSheet(sheet, spec)) },
    {
      label: 'Maps, NPY',
      disabled: !ready,
      run: () => ready && download(new Blob([floatsNpy(shownMaps(sheet, spec), [sheet.index.length, sheet.height, sheet.width])]), fileName(spec, '.npy')),
    },
    {
      label: 'Samples, CSV',
      disabled: !ready,
      run: () => ready && download(new Blob([sheetCsv(sheet, spec, names)], { type: 'text/csv' }), fileName(spec, '.csv')),
    },
  ];
}

async function pageOf(page: number): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = atlasAddress(page);
  await image.decode();
  return image;
}

/** The tiles as they are shown, twice as large. */
async function saveSheet(sheet: Sheet, spec: MapSpec): Promise<void> {
  const atlas = payload.peek()?.atlas;
  const page = document.querySelector('.app');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!atlas || !page || !context) return;
  const maps = sheetMaps(sheet, spec);
  const { backgroundColor, color, fontFamily } = getComputedStyle(page);
  const rows = Math.ceil(maps.length / COLUMNS);
  canvas.width = SCALE * (GAP + COLUMNS * (SIDE + GAP));
  canvas.height = SCALE * (HEAD + GAP + rows * (SIDE + TEXT + GAP));
  context.scale(SCALE, SCALE);
  context.imageSmoothingEnabled = false;
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = color;
  context.font = `600 12px ${fontFamily}`;
  const line = canvas.width / SCALE - 2 * GAP;
  const signed = maps.some(({ scale }) => scale.kind === 'signed');
  context.fillText(cut(context, `${MAP_TITLES[spec.method]}, ${specWords(spec)}, epoch ${step.peek() ?? 0}: ${shownUnit({ ...spec, cam: 'heat' }, sheet)}`, line), GAP, 20);
  context.font = `11px ${fontFamily}`;
  context.fillText(`each on its own scale, its largest value below${signed ? '; orange speaks for the class, violet against it' : ''}`, GAP, 36, line);
  const pages = new Map<number, HTMLImageElement>();
  const map = document.createElement('canvas');
  [map.width, map.height] = [sheet.width, sheet.height];
  const names = payload.peek()?.manifest.class_names ?? [];
  const unit = SIDE / Math.max(atlas.cell_width, atlas.cell_height);
  const [width, height] = [atlas.cell_width * unit, atlas.cell_height * unit];
  for (const [k, { index, values, scale }] of maps.entries()) {
    const left = GAP + (k % COLUMNS) * (SIDE + GAP);
    const top = HEAD + GAP + Math.floor(k / COLUMNS) * (SIDE + TEXT + GAP);
    const number = Math.floor(index / atlas.per_page);
    const image = pages.get(number) ?? (await pageOf(number));
    pages.set(number, image);
    const cell = index % atlas.per_page;
    const place = [left + (SIDE - width) / 2, top + (SIDE - height) / 2, width, height] as const;
    context.filter = values.length ? 'grayscale(1) brightness(0.5)' : 'none';
    context.drawImage(image, (cell % atlas.columns) * atlas.cell_width, Math.floor(cell / atlas.columns) * atlas.cell_height, atlas.cell_width, atlas.cell_height, ...place);
    context.filter = 'none';
    if (values.length) {
      map.getContext('2d')?.putImageData(new ImageData(overlay(values, scale, mapOpacity.peek()), sheet.width, sheet.height), 0, 0);
      context.drawImage(map, ...place);
    }
    context.fillText(`#${index}  ${Number((largest(values, sheet.width)?.value ?? NaN).toPrecision(3))}`, left, top + SIDE + 14, SIDE);
    context.fillText(cut(context, names[sheet.classes[k] ?? -1] ?? '', SIDE), left, top + SIDE + 28);
  }
  canvas.toBlob((blob) => blob && download(blob, fileName(spec, '.png')));
}

/** As much of a name as there is room for. */
export function cut(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}
