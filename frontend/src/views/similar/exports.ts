/** Neighbours and vectors as files. */

import { type Duplicates, type Neighbors, OWN_IMAGE, type Vectors } from '../../api';
import { column, payload, similarMetric, similarSource, splitOf, step } from '../../store';
import { csv } from '../../csv';
import { download } from '../shared/download';
import { type WaveformInk, drawWaveform } from './draw_waveform';
import { type Waveforms } from './waveforms';

const PICTURE = { width: 1200, height: 360, ratio: 2 };
const TITLE = 28;

/** What a sample is called, or the user's own image. */
export const sampleName = (index: number): string => (index === OWN_IMAGE ? 'your image' : `#${index}`);

function fileName(what: string, query?: number): string {
  const sample = query === undefined ? '' : `-${sampleName(query).replace('#', '')}`;
  const name = `${payload.peek()?.name ?? 'run'}-${what}${sample}-${similarSource.peek()}-epoch-${step.peek() ?? 0}`;
  return name.replace(/[^\w.-]+/g, '_');
}

const save = (rows: Parameters<typeof csv>[0], name: string): void =>
  download(new Blob([csv(rows)], { type: 'text/csv' }), `${name}.csv`);

/** What is known of a sample beside its distance. */
function described(index: number): (string | number)[] {
  const names = payload.peek()?.manifest.class_names ?? [];
  const label = column('label').data.peek()?.values[index] ?? -1;
  const prediction = column('prediction').data.peek()?.values[index] ?? -1;
  const source = column('source_index').data.peek()?.values[index] ?? NaN;
  return [index, source, splitOf(index), names[label] ?? '', names[prediction] ?? ''];
}

/** One line a neighbour, nearest first. */
export function saveNeighborsCsv({ query, index, distance }: Neighbors): void {
  const head = ['query', 'rank', 'sample_index', 'source_index', 'split', 'label', 'prediction', `${similarMetric.peek()}_distance`];
  const rows = Array.from(index, (at, k) => [query === OWN_IMAGE ? 'your image' : query, k + 1, ...described(at), distance[k] ?? NaN]);
  save([head, ...rows], fileName('similar', query));
}

/** One line a listed pair, the closest first. */
export function savePairsCsv({ first, second, distance }: Duplicates): void {
  const fields = ['sample_index', 'source_index', 'split', 'label', 'prediction'];
  const head = [...fields.map((name) => `first_${name}`), ...fields.map((name) => `second_${name}`), `${similarMetric.peek()}_distance`];
  const rows = Array.from(first, (index, k) => [...described(index), ...described(second[k]!), distance[k]!]);
  save([head, ...rows], fileName('near-duplicates'));
}

/** One line a unit, one column a sample: the values as they were recorded. */
export function saveWaveformCsv({ indices, values, nFeatures }: Vectors): void {
  const head = ['unit', ...indices.map((index, k) => (k === 0 ? `query_${index === OWN_IMAGE ? 'your_image' : index}` : `neighbour_${index}`))];
  const rows = Array.from({ length: nFeatures }, (_, unit) => [unit, ...indices.map((_index, k) => values[k * nFeatures + unit] ?? NaN)]);
  save([head, ...rows], fileName('waveform', indices[0] ?? 0));
}

/** The waveform with a line that says what it shows. */
export function saveWaveformPng(shown: Waveforms, { indices }: Vectors, ink: WaveformInk): void {
  const canvas = document.createElement('canvas');
  canvas.width = PICTURE.width * PICTURE.ratio;
  canvas.height = (PICTURE.height + TITLE) * PICTURE.ratio;
  const context = canvas.getContext('2d');
  if (!context) return;
  drawWaveform(context, shown, PICTURE, ink);
  context.drawImage(canvas, 0, 0, canvas.width, canvas.height - TITLE * PICTURE.ratio, 0, TITLE, PICTURE.width, PICTURE.height);
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, PICTURE.width, TITLE);
  context.fillStyle = ink.text;
  context.textAlign = 'left';
  context.fillText(`${similarSource.peek()}, epoch ${step.peek() ?? 0}: ${sampleName(indices[0] ?? 0)} (thick), its ${indices.length - 1} nearest by ${similarMetric.peek()} distance, their mean (dashed)`, 12, 18);
  canvas.toBlob((blob) => blob && download(blob, `${fileName('waveform', indices[0] ?? 0)}.png`));
}
