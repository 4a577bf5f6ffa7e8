/** The only caller of the server. Addresses are relative to the iframe's base. */

import { type Columns, WireError, decodeColumns } from '../wire';

/** What went wrong (`message`), why, and what to do (`hint`). `status` 0: no answer at all. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    message: string,
    readonly hint: string,
    readonly status = 0,
    /** Of a query: the characters that it is about, from the first to before the last. */
    readonly position: readonly [number, number] | null = null,
    /** Seconds after which the answer may be there; null where it never will be. */
    readonly retryAfter: number | null = null,
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

export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

export interface Options {
  /** Requests with the same key replace each other: the older one is aborted. */
  key?: string;
  body?: unknown;
}

const inFlight = new Map<string, AbortController>();

export function address(route: string, parameters: Parameters = {}): string {
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
    const told = JSON.parse(text) as { error?: unknown; hint?: unknown; position?: unknown; retry_after?: unknown };
    if (typeof told.error === 'string') {
      const hint = typeof told.hint === 'string' ? told.hint : '';
      const retryAfter = typeof told.retry_after === 'number' ? told.retry_after : null;
      return new ApiError(told.error, hint, response.status, range(told.position), retryAfter);
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

function range(position: unknown): [number, number] | null {
  if (!Array.isArray(position) || position.length !== 2) return null;
  const [start, stop] = position.map(Number) as [number, number];
  return Number.isInteger(start) && Number.isInteger(stop) ? [start, stop] : null;
}

export function json<T>(route: string, parameters: Parameters, key: string): Promise<T> {
  return request(address(route, parameters), { key }, readJson<T>);
}

/** JSON for JSON: what computes or changes something. */
export function post<T>(route: string, body: unknown): Promise<T> {
  return request(address(route), { body }, readJson<T>);
}

async function readJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (isStale(error)) throw error;
    throw new WireError('it is not JSON');
  }
}

export function columns(route: string, parameters: Parameters, options: Options): Promise<Columns> {
  return request(address(route, parameters), options, async (response) =>
    decodeColumns(await response.arrayBuffer()),
  );
}

/** An answer that is a file. */
export function file(route: string, body: unknown): Promise<Blob> {
  return request(address(route), { body }, (response) => response.blob());
}
