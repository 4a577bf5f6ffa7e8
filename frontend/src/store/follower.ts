/** What all that follow work of the worker share. */

import { type Signal, signal } from '@preact/signals';
import { type ApiError, type Job, asApiError, cancelJob } from '../api';
import { pageVisible } from './page';

const POLL_HIDDEN_MS = 2000;
const followers = new Set<Follower>();

export const isOpen = (job: Job | null | undefined): boolean => job?.state === 'queued' || job?.state === 'running';
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Waits before it is asked again: longer where nobody looks. */
export const pauseBetween = (ms: number): Promise<void> => pause(pageVisible.peek() ? ms : Math.max(ms, POLL_HIDDEN_MS));

/** It can be cancelled, and ends a job that nobody follows any more. */
export abstract class Follower {
  /** The job under way, or the one that was cancelled; null once there is nothing to say of it. */
  readonly job: Signal<Job | null> = signal(null);
  readonly error: Signal<ApiError | null> = signal(null);
  /** What was begun in an earlier turn is no longer wanted. */
  protected turn = 0;
  /** The jobs that the user cancelled here, and has not run since. */
  private readonly stopped = new Set<string>();

  cancel(): void {
    const job = this.job.peek();
    if (!job) return;
    this.turn++;
    this.stopped.add(job.job);
    this.job.value = { ...job, state: 'cancelled' };
    cancelJob(job.job).catch((error: unknown) => void (this.error.value = asApiError(error)));
  }

  /** The user wants after all what was cancelled. */
  protected resume(): void {
    const job = this.job.peek();
    if (job) this.stopped.delete(job.job);
  }

  /** How a job stands that was not followed yet: one that ended when it was left, and not by the user's will, as if it had never been asked for. */
  protected met<A extends Job>(answer: A): A {
    return answer.state === 'cancelled' && !this.stopped.has(answer.job) ? { ...answer, state: 'absent' } : answer;
  }

  protected join(): void {
    followers.add(this);
  }

  protected part(): void {
    followers.delete(this);
  }

  /** Ends the job of what is no longer wanted here, unless another wants it too. */
  protected abandon(): void {
    const job = this.job.peek();
    if (job === null || !isOpen(job)) return;
    if ([...followers].some((other) => other !== this && other.job.peek()?.job === job.job)) return;
    cancelJob(job.job).catch(() => undefined);
  }
}
