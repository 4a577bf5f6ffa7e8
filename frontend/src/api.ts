/** The only caller of the server. Addresses are relative to the iframe's base. */

import {
  type InputJson,
  type ProjectionJson,
  type RunEntry,
  type RunPayload,
  type SampleJson,
  type StepsPayload,
  type TableJson,
  type TableQuery,
  reviveManifest,
  reviveStep,
  toNumber,
} from './schema';
import { type Columns, type WireArray, WireError, decodeColumns, pick } from './wire';

/** What went wrong (`message`), why, and what to do (`hint`). `status` 0: no answer at all. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    message: string,
    readonly hint: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

/** True for the rejection of a request that a newer one replaced. */
export function isStale(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof WireError) {
    return new ApiError(`The answer could not be read: ${error.message}.`, 'Reload the page; the server may be of another version.');
  }
  const text = error instanceof Error ? error.message : String(error);
  return new ApiError(text, 'Reload the page. If it happens again, please report it.');
}

type Parameters = Readonly<Record<string, string | number | null | undefined>>;

interface Options {
  /** Requests with the same key replace each other: the older one is aborted. */
  key?: string;
  body?: unknown;
}

const inFlight = new Map<string, AbortController>();

function address(route: string, parameters: Parameters = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined) search.set(name, String(value));
  }
  const query = search.toString();
  return new URL(query ? `${route}?${query}` : route, document.baseURI).href;
}

async function request<T>(url: string, options: Options, read: (response: Response) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { key, body } = options;
  if (key !== undefined) {
    inFlight.get(key)?.abort();
    inFlight.set(key, controller);
  }
  try {
    const response = await send(url, controller.signal, body);
    if (!response.ok) throw await failure(response);
    const answer = await read(response);
    controller.signal.throwIfAborted();
    return answer;
  } finally {
    if (key !== undefined && inFlight.get(key) === controller) inFlight.delete(key);
  }
}

async function send(url: string, signal: AbortSignal, body: unknown): Promise<Response> {
  const post: RequestInit = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CNNVis': '1' },
    body: JSON.stringify(body),
  };
  try {
    return await fetch(url, { signal, ...(body === undefined ? {} : post) });
  } catch (error) {
    if (isStale(error)) throw error;
    throw new ApiError('TensorBoard does not answer.', 'Check that it is still running, then retry.');
  }
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error, hint } = JSON.parse(text) as { error?: unknown; hint?: unknown };
    if (typeof error === 'string') {
      return new ApiError(error, typeof hint === 'string' ? hint : '', response.status);
    }
  } catch {
    // Not ours: a proxy or TensorBoard itself answered.
  }
  return new ApiError(
    `The server answered ${response.status} ${response.statusText}.`.replace(' .', '.'),
    "TensorBoard's terminal may say why.",
    response.status,
  );
}

function json<T>(route: string, parameters: Parameters, key: string): Promise<T> {
  return request(address(route, parameters), { key }, async (response) => {
    try {
      return (await response.json()) as T;
    } catch (error) {
      if (isStale(error)) throw error;
      throw new WireError('it is not JSON');
    }
  });
}

function columns(route: string, parameters: Parameters, options: Options): Promise<Columns> {
  return request(address(route, parameters), options, async (response) =>
    decodeColumns(await response.arrayBuffer()),
  );
}

export async function fetchRuns(): Promise<RunEntry[]> {
  return (await json<{ runs: RunEntry[] }>('runs', {}, 'runs')).runs;
}

export async function fetchRun(run: string): Promise<RunPayload> {
  const payload = await json<RunPayload>('run', { run }, 'run');
  return { ...payload, manifest: reviveManifest(payload.manifest) };
}

export async function fetchSteps(run: string): Promise<StepsPayload> {
  const payload = await json<StepsPayload>('steps', { run }, 'steps');
  return { ...payload, steps: payload.steps.map(reviveStep) };
}

export type ColumnData = Float32Array | Int32Array | Uint8Array;

export async function fetchColumns(
  run: string,
  step: number,
  names: readonly string[],
): Promise<Map<string, ColumnData>> {
  const answer = await columns('columns', { run, step, names: names.join(',') }, {});
  return new Map(names.map((name) => [name, columnData(name, answer.arrays.get(name))]));
}

function columnData(name: string, array: WireArray | undefined): ColumnData {
  if (!array) throw new WireError(`the answer lacks the column '${name}'`);
  if (array.data instanceof Uint16Array) throw new WireError(`column '${name}' has 16-bit items`);
  return array.data;
}

export interface TablePage extends TableJson {
  columns: ReadonlyMap<string, ColumnData>;
}

export async function fetchTable(query: TableQuery, key?: string): Promise<TablePage> {
  const parameters = {
    run: query.run,
    step: query.step,
    sort: query.sort,
    descending: query.descending ? 1 : 0,
    offset: query.offset,
    limit: query.limit,
    splits: query.splits.length ? query.splits.join(',') : null,
    focus: query.focus,
  };
  const answer = await columns('table', parameters, key === undefined ? {} : { key });
  const data = [...answer.arrays].map(([name, array]) => [name, columnData(name, array)] as const);
  return { ...(answer.json as TableJson), columns: new Map(data) };
}

export interface Sample extends SampleJson {
  steps: Int32Array;
  losses: Float32Array;
  predictions: Int32Array;
  margins: Float32Array;
  labelScores: Float32Array;
  classMedianLosses: Float32Array;
  scoreClasses: Int32Array;
  scores: Float32Array;
}

export async function fetchSample(run: string, step: number, index: number): Promise<Sample> {
  const answer = await columns('sample', { run, step, index }, {});
  const record = answer.json as SampleJson;
  return {
    ...record,
    loss: toNumber(record.loss),
    margin: toNumber(record.margin),
    label_score: toNumber(record.label_score),
    steps: pick(answer, 'steps', Int32Array).data,
    losses: pick(answer, 'loss', Float32Array).data,
    predictions: pick(answer, 'prediction', Int32Array).data,
    margins: pick(answer, 'margin', Float32Array).data,
    labelScores: pick(answer, 'label_score', Float32Array).data,
    classMedianLosses: pick(answer, 'class_median_loss', Float32Array).data,
    scoreClasses: pick(answer, 'score_classes', Int32Array).data,
    scores: pick(answer, 'scores', Float32Array).data,
  };
}

/** One sample's input; `data` is (height, width, channels), row-major. */
export interface Input extends InputJson {
  height: number;
  width: number;
  channels: number;
  data: Float32Array | Uint8Array;
  /** What `to_image` made of it, with 1 or 3 channels. */
  image: { data: Uint8Array; height: number; width: number; channels: number } | null;
}

export async function fetchInput(run: string, index: number): Promise<Input> {
  const answer = await columns('input', { run, index }, {});
  const record = answer.json as InputJson;
  const array = answer.arrays.get('input');
  const [height = 0, width = 0, channels = 0] = array?.shape ?? [];
  if (!array || !(array.data instanceof Float32Array || array.data instanceof Uint8Array)) {
    throw new WireError("expected an array 'input' of F32 or U8");
  }
  return {
    ...record,
    low: toNumber(record.low),
    high: toNumber(record.high),
    height,
    width,
    channels,
    data: array.data,
    image: answer.arrays.has('image') ? readImage(answer) : null,
  };
}

function readImage(answer: Columns): Input['image'] {
  const { data, shape } = pick(answer, 'image', Uint8Array);
  const [height = 0, width = 0, channels = 1] = shape;
  return { data, height, width, channels };
}

/** Address of one page of the thumbnail atlas, for an <img> or a texture. */
export function atlasUrl(run: string, page: number): string {
  return address('atlas', { run, page });
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
