/** The store over a real server that answers with the golden run, or with what a test sets. */

import { afterEach, beforeEach } from 'vitest';
import { effect } from '@preact/signals';
import { type RunPayload, type StepsPayload } from '../../src/schema';
import { colourBy, focused, loadRun, loadRuns, run, shownSplits, step } from '../../src/store';
import { fitState } from '../../src/store/runs';
import { encodeColumns } from '../columns';
import { goldenJson } from '../golden';
import { type Server, startServer } from '../server';

export const RUN = 'exp1/cnnvis';
export const stops: (() => void)[] = [];
let server: Server;
let attempts = 0;

export const served = (): Server => server;
/** Each test has its own attempt, so that none finds what another has cached. */
export const attempt = (): string => `attempt ${attempts}`;

/** Before each test the store has loaded the golden run. */
export function serveEachTest(): void {
  beforeEach(async () => {
    await restart();
    stops.push(effect(fitState));
    await loadRuns();
    run.value = RUN;
    await loadRun();
  });
  afterEach(async () => {
    stops.splice(0).forEach((stop) => stop());
    await server.close();
    attempts++;
    forgetRun();
  });
}

export async function restart(): Promise<void> {
  server = await startServer();
}

function forgetRun(): void {
  step.value = null;
  focused.value = null;
  colourBy.value = 'label';
  shownSplits.value = new Set();
}

export function serveSteps(count: number, of = attempt(), version = `v${count}`): void {
  const { steps: [first] } = goldenJson<StepsPayload>('steps.json');
  const all = Array.from({ length: count }, (_, at) => ({ ...first, step: at }));
  server.answers.set('steps', () => ({ body: JSON.stringify({ version, attempt: of, live: true, steps: all }) }));
}

export function serveRun(change: (payload: RunPayload) => void): void {
  const answer = goldenJson<RunPayload>('run.json');
  answer.manifest.attempt = attempt();
  change(answer);
  server.answers.set('run', () => ({ body: JSON.stringify(answer) }));
}

/** Loads the golden run with `count` epochs as an attempt of its own. */
export async function openRun(count: number): Promise<void> {
  serveRun(() => undefined);
  serveSteps(count);
  await loadRun();
}

/** Keeps a resource loading, as a component on the page does. */
export function watch(resource: { data: { value: unknown }; error: { value: unknown } }): void {
  stops.push(effect(() => void [resource.data.value, resource.error.value]));
}

/** Answers `columns` with the epoch itself as every value. */
export function serveEpochs(hold?: (epoch: number) => Promise<void>): void {
  server.answers.set('columns', async ({ query }) => {
    const epoch = Number(query.get('step'));
    await hold?.(epoch);
    const names = (query.get('names') ?? '').split(',');
    const arrays = names.map((name) => [name, name === 'loss' ? new Float32Array(6).fill(epoch) : new Int32Array(6).fill(epoch)] as const);
    return { body: encodeColumns({}, Object.fromEntries(arrays)) };
  });
}

export const askedEpochs = (): string[] => server.calls.filter(({ route }) => route === 'columns').map(({ query }) => `${query.get('step')} ${query.get('names')}`);
