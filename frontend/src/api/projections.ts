/** Projections of inputs and embeddings. */

import { type ProjectionJson, toNumber } from '../schema';
import { pick } from '../wire';
import { columns } from './request';

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
