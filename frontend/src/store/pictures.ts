/** Pictures of the samples by PCA, t-SNE or UMAP. */

import { type Layout, type LayoutRequest, type Method, type Projection } from '../api';
import { type Limits, limitsOf } from '../draw/viewport';
import { printMethod } from './methods';
import { payload, step, stepPosition, steps } from './state';

/** A picture of the samples, and what it shows. */
export interface Picture {
  /** x and y of every sample, interleaved; NaN where it is not drawn. */
  readonly xy: Float32Array;
  /** The samples that were drawn, ascending; null: all. */
  readonly index: Int32Array | null;
  readonly limits: Limits;
  readonly source: string;
  readonly method: Method;
  readonly step: number;
  /** Names all of it. */
  readonly key: string;
  /** The run and attempt that it is of. */
  readonly scope: string;
  /** `start`: still the principal components; `forming`: also where that was stopped. */
  readonly stage: 'start' | 'forming' | 'final';
  readonly of: number;
  readonly nFeatures: number;
  readonly note: string;
  /** Of PCA: its shares of the variance, and how far its epochs are aligned. */
  readonly pca: Projection | null;
}

export interface WantedLayout {
  readonly request: LayoutRequest;
  readonly key: string;
  readonly scope: string;
  readonly of: number;
  /** Names the layouts of all epochs that go on one from the other; null: each stands by itself. */
  readonly series: string | null;
}

/** What a plot of `source` by `method` wants now; null where nothing is shown yet. */
export function wantedLayout(source: string, method: Method): WantedLayout | null {
  const shown = payload.value;
  const at = step.value;
  if (!shown || at === null || stepPosition.value < 0) return null;
  const scope = JSON.stringify([shown.run, shown.manifest.attempt]);
  const of = shown.manifest.n_samples;
  const name = [scope, source, printMethod(method, of)];
  const series = method.method !== 'pca' && alignedOver({ source, method }) ? JSON.stringify(name) : null;
  const epochs = source === 'inputs' ? null : series === null ? [at, steps.value.length] : [at];
  return { request: { run: shown.run, source, step: at, method }, key: JSON.stringify([...name, epochs]), scope, of, series };
}

/** The same at another epoch of its series. */
export function atEpoch(wanted: WantedLayout, epoch: number): WantedLayout {
  const name = JSON.parse(wanted.series ?? '[]') as string[];
  return { ...wanted, request: { ...wanted.request, step: epoch }, key: JSON.stringify([...name, [epoch]]) };
}

/** Whether the epochs of this layout are laid out one from the other. */
export function alignedOver({ source, method }: Pick<LayoutRequest, 'source' | 'method'>): boolean {
  return source !== 'inputs' && (method.aligned || method.method === 'pca');
}

export function pictureOf(wanted: WantedLayout, layout: Layout): Picture {
  const { source, method } = wanted.request;
  const preview = layout.epochs?.preview ?? null;
  const xy = new Float32Array(2 * wanted.of).fill(NaN);
  layout.index.forEach((sample, k) => {
    xy[2 * sample] = layout.xy[2 * k] ?? NaN;
    xy[2 * sample + 1] = layout.xy[2 * k + 1] ?? NaN;
  });
  const { index, of, nFeatures, note, state, begun } = layout;
  const stage = preview !== null ? 'forming' : state === 'done' ? 'final' : begun ? 'forming' : 'start';
  const at = preview ?? wanted.request.step;
  const limits = layout.limits.every(Number.isFinite) ? layout.limits : limitsOf(xy);
  const { key, scope } = wanted;
  return { xy, index, limits, source, method, step: at, key, scope, stage, of, nFeatures, note, pca: null };
}

export function pictureOfPca(wanted: WantedLayout, pca: Projection): Picture {
  const { source, method } = wanted.request;
  const limits = pca.limits.every(Number.isFinite) ? pca.limits : limitsOf(pca.xy);
  const current = source === 'inputs' || pca.step === wanted.request.step;
  const { xy, nFeatures, step: at } = pca;
  const key = current ? wanted.key : `${wanted.key} of epoch ${at}`;
  return { xy, index: null, limits, source, method, step: at, key, scope: wanted.scope, stage: 'final', of: wanted.of, nFeatures, note: pca.note ?? '', pca };
}

