/** Verdicts as CSV, as `tensorboard_cnnvis.read_verdicts` takes them. */

import { fetchColumns, fetchTable } from '../api';
import { csv, parseCsv, unguarded } from '../csv';
import { formatCount } from '../format';
import { SampleSet, encodeMembers } from './sample_set';
import { payload, splitOf, step } from './state';
import { type Verdict, VERDICT_WORDS, judge, verdicts } from './verdicts';

const HEAD = ['source_index', 'label', 'suggested_label', 'verdict', 'score', 'split'];
const PAGE = 1000;
const MOST_NAMED = 3;
const SCORE_DIGITS = 6;

/** What a verdict's row says of its sample besides. */
export interface Facts {
  sourceIndex: number;
  label: string;
  split: string;
  /** Null where the run has no ids. */
  id: string | null;
}

export function printVerdicts(all: readonly (readonly [Facts, Verdict])[], classNames: readonly string[], hasIds: boolean): string {
  const rows = all.map(([{ sourceIndex, label, split, id }, { word, to, score }]) => [
    sourceIndex, label, classNames[to] ?? '', word, Number.isFinite(score) ? Number(score.toPrecision(SCORE_DIGITS)) : null, split, ...(hasIds ? [id] : []),
  ]);
  return csv([[...HEAD, ...(hasIds ? ['id'] : [])], ...rows]);
}

/** All verdicts in sample order. */
export async function exportVerdicts(): Promise<string> {
  const shown = payload.peek();
  const at = step.peek();
  if (!shown || at === null) throw new Error('No run is shown.');
  const { manifest, run } = shown;
  const chosen = [...verdicts.peek()].sort(([a], [b]) => a - b);
  const rows: [Facts, Verdict][] = [];
  for (let offset = 0; offset < chosen.length; offset += PAGE) {
    const part = chosen.slice(offset, offset + PAGE);
    const members = encodeMembers(SampleSet.of(part.map(([index]) => index), manifest.n_samples), manifest.n_samples);
    const page = await fetchTable({ run, step: at, sort: 'sample_index', descending: false, offset: 0, limit: PAGE, splits: [], members, focus: null });
    part.forEach(([index, verdict], k) => {
      const label = manifest.class_names[page.columns.get('label')?.[k] ?? -1] ?? '';
      rows.push([{ sourceIndex: page.columns.get('source_index')?.[k] ?? -1, label, split: splitOf(index), id: page.text['id']?.[k] ?? null }, verdict]);
    });
  }
  return printVerdicts(rows, manifest.class_names, manifest.has_ids);
}

/** Where the run's samples are, by what a row names them. */
export interface Samples {
  /** The sample at a place of a split's data; undefined where none is watched. */
  find(split: string, sourceIndex: string): number | undefined;
  labelOf(index: number): string;
  classNames: readonly string[];
}

export interface ImportedVerdicts {
  verdicts: Map<number, Verdict>;
  /** What is wrong with each of the other rows. */
  refused: string[];
}

/** Throws an Error that says what was expected where it is no such file at all. */
export function parseVerdicts(text: string, samples: Samples): ImportedVerdicts {
  const [head = [], ...rows] = parseCsv(text);
  const at = HEAD.map((name) => head.findIndex((title) => title.trim() === name));
  if (at.includes(-1)) {
    const has = head.slice(0, 8).join(', ').slice(0, 200);
    throw new Error(`No verdicts: the first line should name the columns ${HEAD.join(', ')}; it has: ${has}.`);
  }
  const found: ImportedVerdicts = { verdicts: new Map(), refused: [] };
  rows.forEach((row, k) => {
    if (row.every((text) => text === '')) return;
    const cells = at.map((column) => unguarded(row[column] ?? ''));
    const read = readRow(cells as [string, string, string, string, string, string], samples);
    if (typeof read === 'string') found.refused.push(`row ${k + 2}: ${read}`);
    else found.verdicts.set(read[0], read[1]);
  });
  return found;
}

function readRow([source, label, suggested, said, score, split]: [string, string, string, string, string, string], samples: Samples): [number, Verdict] | string {
  const index = samples.find(split, source.trim());
  const word = VERDICT_WORDS.find((one) => one === said.trim());
  const to = samples.classNames.indexOf(suggested);
  if (index === undefined) return `no watched sample of ${short(split)} has the source index ${short(source)}`;
  if (!word) return `the verdict ${short(said)} is none of ${VERDICT_WORDS.join(', ')}`;
  if (label !== samples.labelOf(index)) return `the label is ${short(samples.labelOf(index))}, not ${short(label)}`;
  if (to < 0) return `there is no class ${short(suggested)}`;
  return [index, { word, to, score: score.trim() === '' ? NaN : Number(score) }];
}

const short = (text: string): string => `'${text.slice(0, 40)}'`;

/** Adds a file's verdicts to those that are kept; gives sentences about it. */
export async function importVerdicts(text: string): Promise<string> {
  const shown = payload.peek();
  const at = step.peek();
  if (!shown || at === null) throw new Error('No run is shown.');
  const { splits, class_names: classNames, probe } = shown.manifest;
  const columns = await fetchColumns(shown.run, at, ['source_index', 'label']);
  const [sources, labels] = [columns.get('source_index') ?? [], columns.get('label') ?? []];
  const places = new Map<string, number>();
  for (const { name, start, count } of splits) {
    for (let index = start; index < start + count; index++) places.set(JSON.stringify([name, String(sources[index])]), index);
  }
  const found = parseVerdicts(text, {
    find: (split, source) => places.get(JSON.stringify([split, source])),
    labelOf: (index) => classNames[labels[index] ?? -1] ?? '',
    classNames,
  });
  if (payload.peek()?.manifest.probe !== probe) return 'Another run is shown now: nothing was imported.';
  judge(found.verdicts);
  return told(found);
}

function told({ verdicts: { size }, refused }: ImportedVerdicts): string {
  const read = `${formatCount(size)} ${size === 1 ? 'verdict' : 'verdicts'} read.`;
  if (refused.length === 0) return read;
  const more = refused.length > MOST_NAMED ? `; and ${formatCount(refused.length - MOST_NAMED)} more` : '';
  return `${read} ${formatCount(refused.length)} ${refused.length === 1 ? 'row' : 'rows'} could not be: ${refused.slice(0, MOST_NAMED).join('; ')}${more}.`;
}
