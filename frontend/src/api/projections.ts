/** Projections of inputs and embeddings, and how faithful they are. */

import { type ProjectionJson, toNumber } from '../schema';
import { pick } from '../wire';
import { columns, post } from './request';

export type MethodName = 'pca' | 'tsne' | 'umap';

/** How a picture is laid out: the method, and what t-SNE and UMAP are told. */
export interface Method {
  readonly method: MethodName;
  /** Samples drawn, stratified by label. */
  readonly n: number;
  readonly seed: number;
  readonly perplexity: number;
  readonly neighbors: number;
  readonly minDistance: number;
  readonly metric: 'euclidean' | 'cosine';
  /** One layout over the epochs: each starts from the one before. PCA always is. */
  readonly aligned: boolean;
  /** How strongly a point is held where it was at the epoch before, 0 to 1. */
  readonly pull: number;
}

export interface Projection extends Omit<ProjectionJson, 'n_features'> {
  /** x and y of every sample, interleaved. */
  xy: Float32Array;
  nFeatures: number;
  /** The epoch and source that it shows. */
  step: number;
  source: string;
}

export async function computeProjection(
  run: string,
  source: string,
  step: number,
): Promise<Projection> {
  const body = { run, source, step, method: 'pca' };
  const answer = await columns('projection', {}, { body });
  const { n_features: nFeatures, ...record } = answer.json as ProjectionJson;
  const limits = record.limits.map(toNumber) as Projection['limits'];
  const explained = record.explained.map(toNumber) as Projection['explained'];
  return { ...record, limits, explained, nFeatures, xy: pick(answer, 'xy', Float32Array).data, step, source };
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'absent';

/** How a job stands. */
export interface Job {
  state: JobState;
  job: string;
  /** Grows with what there is to show. */
  version: number;
  /** 0 to 1. */
  progress: number;
  secondsLeft: number | null;
  error: string;
  hint: string;
}

/** A layout by t-SNE or UMAP as far as it has come. */
export interface Layout extends Job {
  /** The drawn samples, ascending, and their x and y, interleaved. */
  index: Int32Array;
  xy: Float32Array;
  limits: readonly [number, number, number, number];
  /** False: `xy` are still the principal components that it starts from. */
  begun: boolean;
  nFeatures: number;
  note: string;
  /** Samples of which were drawn. */
  of: number;
  /** Where the epochs are aligned: how far that has come. */
  epochs: AlignedEpochs | null;
}

export interface AlignedEpochs {
  /** Epochs that are laid out, of those that are to be. */
  done: number;
  total: number;
  ready: readonly number[];
  /** The epoch that is shown while the asked one is not ready; null: the asked one. */
  preview: number | null;
}

/** What a layout is asked for by: the server has one for each. */
export interface LayoutRequest {
  run: string;
  source: string;
  step: number;
  method: Method;
}

export function layoutBody({ run, source, step, method: { method, n, seed, ...rest } }: LayoutRequest): Record<string, unknown> {
  const { perplexity, neighbors, minDistance, metric, aligned, pull } = rest;
  if (method === 'pca') return { run, source, step, method };
  const own = method === 'tsne' ? { perplexity } : { neighbors, min_distance: minDistance };
  return { run, source, step, method, n, seed, metric, ...own, ...(aligned ? { aligned: 1, pull } : {}) };
}

/** `start` has it made where it is not; else this only looks. */
export async function fetchLayout(request: LayoutRequest, start: boolean): Promise<Layout> {
  const answer = await columns('projection', {}, { body: { ...layoutBody(request), start: start ? 1 : 0 } });
  const record = answer.json as Record<string, unknown> & { limits: unknown[] };
  return {
    ...readJob(record),
    index: pick(answer, 'index', Int32Array).data,
    xy: pick(answer, 'xy', Float32Array).data,
    limits: record.limits.map(toNumber) as [number, number, number, number],
    begun: record['begun'] === true,
    nFeatures: toNumber(record['n_features']),
    note: String(record['note'] ?? ''),
    of: toNumber(record['of']),
    epochs: record['aligned'] === true ? readEpochs(record) : null,
  };
}

function readEpochs(record: Record<string, unknown>): AlignedEpochs {
  const preview = record['preview_step'];
  return {
    done: toNumber(record['done']),
    total: toNumber(record['total']),
    ready: ((record['steps_ready'] ?? []) as unknown[]).map(toNumber),
    preview: typeof preview === 'number' ? preview : null,
  };
}

export function readJob(record: Record<string, unknown>): Job {
  const left = toNumber(record['seconds_left']);
  return {
    state: record['state'] as JobState,
    job: String(record['job'] ?? ''),
    version: toNumber(record['version']),
    progress: toNumber(record['progress']) || 0,
    secondsLeft: Number.isFinite(left) ? left : null,
    error: String(record['error'] ?? ''),
    hint: String(record['hint'] ?? ''),
  };
}

export async function cancelJob(job: string): Promise<void> {
  await post<{ state: JobState }>('cancel', { job });
}

/** How well a picture keeps the neighbours of the vectors; `n` samples were looked at. */
export interface Faithfulness {
  trustworthiness: number;
  /** Share of the k nearest that are among the k nearest in the picture. */
  kept: number;
  k: number;
  n: number;
  of: number;
}

export async function fetchFaithfulness(request: LayoutRequest): Promise<Faithfulness> {
  const answer = await post<Record<keyof Faithfulness, unknown>>('faithfulness', layoutBody(request));
  return {
    trustworthiness: toNumber(answer.trustworthiness),
    kept: toNumber(answer.kept),
    k: toNumber(answer.k),
    n: toNumber(answer.n),
    of: toNumber(answer.of),
  };
}
