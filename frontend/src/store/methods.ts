/** How a layout is asked for: defaults that fit the run, limits, and the text of a link. */

import { type Method, type MethodName } from '../api';

export const METHOD_TITLES: Readonly<Record<MethodName, string>> = { pca: 'PCA', tsne: 't-SNE', umap: 'UMAP' };

/** More samples are laid out by an approximation, and take minutes. */
export const MOST_EXACT = 10_000;
const LEAST_SAMPLES = 3;
const MOST_SEED = 2 ** 31 - 1;
const MOST_NEIGHBOURS = 200;
/** How strongly aligned points are held, by itself. */
export const PULL = 0.5;

export function mostPerplexity(n: number): number {
  return Math.max(1, Math.floor(((n - 1) / 3) * 100) / 100);
}

/** What is used where nothing is said, for a run of `of` samples. */
export function defaultMethod(method: MethodName, of: number, drawn?: number): Method {
  const n = Math.min(of, drawn ?? 2000);
  return {
    method,
    n,
    seed: 0,
    perplexity: Math.min(30, mostPerplexity(n)),
    neighbors: Math.max(2, Math.min(15, n - 1)),
    minDistance: 0.1,
    metric: 'euclidean',
    aligned: false,
    pull: PULL,
  };
}

export type Parameter = 'n' | 'seed' | 'perplexity' | 'neighbors' | 'minDistance';

/** Least, most, and the step of a number field. */
export function bounds(name: Parameter, n: number, of: number): { min: number; max: number; step: number } {
  if (name === 'n') return { min: Math.min(of, LEAST_SAMPLES), max: of, step: 1 };
  if (name === 'seed') return { min: 0, max: MOST_SEED, step: 1 };
  if (name === 'perplexity') return { min: 1, max: mostPerplexity(n), step: 0.01 };
  if (name === 'neighbors') return { min: 2, max: Math.max(2, Math.min(MOST_NEIGHBOURS, n - 1)), step: 1 };
  return { min: 0, max: 1, step: 0.01 };
}

/** The parameters that a method reads. */
export function parametersOf(method: MethodName): readonly Parameter[] {
  if (method === 'pca') return [];
  return method === 'tsne' ? ['n', 'seed', 'perplexity'] : ['n', 'seed', 'neighbors', 'minDistance'];
}

/** `tsne`, or `tsne n=500 perplexity=12 metric=cosine`: what differs from the defaults. */
export function printMethod(method: Method, of: number): string {
  const usual = defaultMethod(method.method, of, method.n);
  const words: string[] = [method.method];
  for (const name of parametersOf(method.method)) {
    const standard = name === 'n' ? defaultMethod(method.method, of).n : usual[name];
    if (method[name] !== standard) words.push(`${name}=${method[name]}`);
  }
  if (method.method !== 'pca' && method.metric !== 'euclidean') words.push(`metric=${method.metric}`);
  if (method.method !== 'pca' && method.aligned) words.push('aligned', ...(method.pull === PULL ? [] : [`pull=${method.pull}`]));
  return words.join(' ');
}

/** What `printMethod` printed; what cannot be read is as usual. A value out of bounds stays: the server tells. */
export function parseMethod(text: string, of: number): Method {
  const [name = '', ...words] = text.split(' ');
  const method: MethodName = name === 'tsne' || name === 'umap' ? name : 'pca';
  const given = new Map(words.map((word) => word.split('=', 2) as [string, string]));
  const number = (key: Parameter, usual: number): number => {
    const value = Number(given.get(key) || NaN);
    const whole = bounds(key, of, of).step === 1;
    return Number.isFinite(value) && (!whole || Number.isInteger(value)) ? value : usual;
  };
  const n = number('n', Math.min(of, 2000));
  const usual = defaultMethod(method, of, n);
  const metric: Method['metric'] = given.get('metric') === 'cosine' ? 'cosine' : 'euclidean';
  const pull = Number(given.get('pull') || NaN);
  return {
    method,
    n: Math.min(of, n),
    seed: number('seed', 0),
    perplexity: number('perplexity', usual.perplexity),
    neighbors: number('neighbors', usual.neighbors),
    minDistance: number('minDistance', usual.minDistance),
    metric,
    aligned: method !== 'pca' && given.has('aligned'),
    pull: pull >= 0 && pull <= 1 ? pull : PULL,
  };
}

/** `t-SNE, perplexity 30`: in words what a picture is laid out by. */
export function methodWords(method: Method): string {
  if (method.method === 'pca') return METHOD_TITLES.pca;
  const own = method.method === 'tsne'
    ? `perplexity ${method.perplexity}`
    : `${method.neighbors} neighbours, distance ${method.minDistance}`;
  const metric = method.metric === 'cosine' ? ', cosine' : '';
  const seed = method.seed === 0 ? '' : `, seed ${method.seed}`;
  const aligned = method.aligned ? `, aligned over the epochs, pull ${method.pull}` : '';
  return `${METHOD_TITLES[method.method]}, ${own}${metric}${seed}${aligned}`;
}
