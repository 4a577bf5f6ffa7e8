/** Runs, one run, its epochs. */

import { type RunEntry, type RunPayload, type StepsPayload, reviveManifest, reviveStep } from '../schema';
import { json } from './request';

export async function fetchRuns(): Promise<RunEntry[]> {
  return (await json<{ runs: RunEntry[] }>('runs', {}, 'runs')).runs;
}

export async function fetchRun(run: string, key = 'run'): Promise<RunPayload> {
  const payload = await json<RunPayload>('run', { run }, key);
  return { ...payload, manifest: reviveManifest(payload.manifest) };
}

export async function fetchSteps(run: string, key = 'steps'): Promise<StepsPayload> {
  const payload = await json<StepsPayload>('steps', { run }, key);
  return { ...payload, steps: payload.steps.map(reviveStep) };
}
