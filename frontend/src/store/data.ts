/** Columns and projections of the shown run and epoch. */

import { type ReadonlySignal } from '@preact/signals';
import {
  type Against,
  type ColumnData,
  type Projection,
  ApiError,
  atlasUrl,
  computeProjection,
  fetchColumns,
} from '../api';
import { type ColumnInfo, type ColumnKind } from '../schema';
import { besideFor } from './comparison';
import { pageColumn } from './page_columns';
import { Cache, type Resource, type Wanted, follow } from './resource';
import { payload, step, stepPosition, steps } from './state';

const COLUMN_CACHE_BYTES = 48 * 2 ** 20;
const PROJECTION_CACHE_BYTES = 48 * 2 ** 20;
const POLL_ALIGNMENT_MS = 700;

export interface Column {
  name: string;
  kind: ColumnKind;
  /** One value a sample; see docs/http.md for what marks a missing one. */
  values: ColumnData;
  /** What the codes mean: class names of an index, the vocabulary of a category. */
  categories: string[] | null;
  /** The epoch that it belongs to. */
  step: number;
}

/** Where answers of one attempt at one run live. */
function scope(): string | null {
  const shown = payload.value;
  return shown && JSON.stringify([shown.run, shown.manifest.attempt]);
}

/** The epochs beside the shown one, the following first. */
function neighbours(): number[] {
  const list = steps.value;
  const at = list.findIndex((entry) => entry.step === step.value);
  return [list[at + 1], list[at - 1], list[at + 2]].flatMap((entry) => (entry ? [entry.step] : []));
}

interface Batch {
  names: Set<string>;
  answer: Promise<Map<string, ColumnData>>;
}

const batches = new Map<string, Batch>();

/** Columns asked for in the same turn of the event loop travel in one request; a slow one would hold up the others. */
async function batched(run: string, at: number, { name, slow }: ColumnInfo, compared: Against | null): Promise<ColumnData> {
  const key = JSON.stringify([run, at, compared, slow ? name : null]);
  let batch = batches.get(key);
  if (!batch) {
    const names = new Set<string>();
    const answer = Promise.resolve().then(() => {
      batches.delete(key);
      return fetchColumns(run, at, [...names], compared, slow);
    });
    batch = { names, answer };
    batches.set(key, batch);
  }
  batch.names.add(name);
  const values = (await batch.answer).get(name);
  if (!values) throw new ApiError(`Column '${name}' did not arrive.`, 'Retry.');
  return values;
}

const columnCache = new Cache<Column>(COLUMN_CACHE_BYTES);
const columnResources = new Map<string, Resource<Column>>();

/** One value a sample of the column `name` at the shown epoch. */
export function column(name: string): Resource<Column> {
  let resource = pageColumn(name)?.data ?? columnResources.get(name);
  if (!resource) {
    resource = follow<Column>({
      wanted: () => wantedColumn(name, step.value, neighbours),
      cache: columnCache,
      bytes: (value) => value.values.byteLength,
    });
    columnResources.set(name, resource);
  }
  return resource;
}

/** The same column at another epoch than the shown one. */
export function columnAt(name: string, at: ReadonlySignal<number | null>): Resource<Column> {
  return follow<Column>({
    wanted: () => wantedColumn(name, at.value, () => []),
    cache: columnCache,
    bytes: (value) => value.values.byteLength,
  });
}

function wantedColumn(name: string, at: number | null, beside: () => number[]): Wanted<Column> | null {
  const shown = payload.value;
  const where = scope();
  if (!shown || at === null || where === null || stepPosition.value < 0) return null;
  const info = shown.columns.find((entry) => entry.name === name);
  if (!info || info.kind === 'text') return null;
  const compared = besideFor([name]);
  if (compared === undefined) return null;
  const categories = info.kind === 'index' ? shown.manifest.class_names : info.values;
  const wanted = (epoch: number): Wanted<Column> => ({
    key: JSON.stringify([where, name, info.per_step ? epoch : null, compared]),
    scope: where,
    load: async () => {
      const values = await batched(shown.run, epoch, info, compared);
      return { name, kind: info.kind, values, categories, step: epoch };
    },
  });
  return { ...wanted(at), next: info.per_step && !info.slow ? beside().map(wanted) : [] };
}

const projectionCache = new Cache<Projection>(PROJECTION_CACHE_BYTES);
const projectionResources = new Map<string, Resource<Projection>>();

/** PCA of `inputs` or of a layer's embedding at the shown epoch, asked again until aligned. */
export function projection(source: string): Resource<Projection> {
  let resource = projectionResources.get(source);
  if (!resource) {
    resource = follow<Projection>({
      wanted: () => wantedProjection(source),
      cache: projectionCache,
      bytes: (value) => value.xy.byteLength,
      again: ({ aligned, done, total }) => (aligned && done >= total ? null : POLL_ALIGNMENT_MS),
    });
    projectionResources.set(source, resource);
  }
  return resource;
}

function wantedProjection(source: string): Wanted<Projection> | null {
  const shown = payload.value;
  const at = step.value;
  const where = scope();
  if (!shown || at === null || where === null || stepPosition.value < 0) return null;
  // A longer record has other limits: its epochs are asked for anew.
  const length = source === 'inputs' ? null : steps.value.length;
  const wanted = (epoch: number): Wanted<Projection> => ({
    key: JSON.stringify([where, source, source === 'inputs' ? null : epoch, length]),
    scope: where,
    load: () => computeProjection(shown.run, source, epoch),
  });
  return { ...wanted(at), next: source === 'inputs' ? [] : neighbours().map(wanted) };
}

/** Address of a page of the shown run's thumbnails. */
export function atlasAddress(page: number): string {
  const shown = payload.value;
  return shown ? atlasUrl(shown.run, page) : '';
}
