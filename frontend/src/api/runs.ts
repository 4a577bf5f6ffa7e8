/** Runs, one run, its epochs. */

import { type RunEntry, type RunPayload, type StepsPayload, reviveManifest, reviveStep } from '../schema';
import { json } from './request';

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
