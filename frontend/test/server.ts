import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { goldenBytes } from './golden';

export interface Call {
  route: string;
  query: URLSearchParams;
  method: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Reply = { status?: number; body: string | ArrayBuffer };
export type Answer = (call: Call) => Reply | Promise<Reply>;

export interface Server {
  /** By route; the golden payload answers where nothing else is set. */
  answers: Map<string, Answer>;
  calls: Call[];
  close(): Promise<void>;
}

const FILES: Record<string, string> = {
  runs: 'runs.json',
  run: 'run.json',
  steps: 'steps.json',
  columns: 'columns.bin',
  table: 'table.bin',
  sample: 'sample.bin',
  input: 'input.bin',
  projection: 'projection.bin',
};

/** A real HTTP server below a prefix, which becomes the page's base address. */
export async function startServer(): Promise<Server> {
  const answers = new Map<string, Answer>();
  const calls: Call[] = [];
  const server = createServer((request, response) => void respond(request, response, answers, calls));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(globalThis, { document: { baseURI: `http://127.0.0.1:${port}/prefix/plugin/cnnvis/` } });
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { answers, calls, close };
}

async function respond(request: IncomingMessage, response: ServerResponse, answers: Server['answers'], calls: Call[]): Promise<void> {
  const url = new URL(request.url ?? '', 'http://localhost');
  const route = url.pathname.replace('/prefix/plugin/cnnvis/', '');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const call = { route, query: url.searchParams, method: request.method ?? '', headers: request.headers, body };
  calls.push(call);
  const file = FILES[route];
  const golden: Answer = () => (file ? { body: goldenBytes(file) } : { status: 404, body: 'not found' });
  const reply = await (answers.get(route) ?? golden)(call);
  response.statusCode = reply.status ?? 200;
  response.end(typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body));
}

/** Resolves once `done` holds; the test's own time limit ends a wait in vain. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}
