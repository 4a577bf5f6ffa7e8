/** Follows work of the worker: asks for it, shows it as it comes, cancels what nobody wants any more. */

import { type Signal, signal } from '@preact/signals';
import { type Job, ApiError as Failure, asApiError } from '../api';
import { Follower, isOpen, pause, pauseBetween } from './follower';
import { Cache } from './resource';

const POLL_MS = 200;

export interface WantedJob<A extends Job> {
  /** Names what is computed; finished answers are kept under it. */
  readonly key: string;
  /** What was shown of another scope is no longer shown. */
  readonly scope: string;
  /** `start` has it computed where it is not; else this only looks. `known` is the version that is shown. */
  fetch(start: boolean, known: number): Promise<A>;
}

export interface Answered<A> {
  readonly key: string;
  readonly scope: string;
  readonly value: A;
}


export class JobFollower<A extends Job> extends Follower {
  /** The last that there was to show. */
  readonly answer: Signal<Answered<A> | null> = signal(null);
  private wanted: WantedJob<A> | null = null;

  constructor(
    private readonly finished: Cache<A>,
    private readonly bytes: (answer: A) => number,
    /** Whether there is something to show yet. */
    private readonly shows: (answer: A) => boolean,
    /** What is wanted is started once that has not changed for so long. */
    private readonly restMs: number,
  ) {
    super();
  }

  follow(wanted: WantedJob<A> | null): void {
    const before = this.wanted;
    if (before && before.key === wanted?.key) return;
    this.wanted = wanted;
    if (before) this.abandon();
    if (this.answer.peek() && this.answer.peek()?.scope !== wanted?.scope) this.answer.value = null;
    this.job.value = null;
    this.error.value = null;
    if (wanted) this.begin(wanted, before ? this.restMs : 0, false);
    else this.turn++;
  }

  /** Computes it after a failure or a cancel. */
  run(): void {
    this.resume();
    if (this.wanted) this.begin(this.wanted, 0, true);
  }

  /** No more is asked for, and what is under way ends. */
  rest(): void {
    this.follow(null);
    this.part();
  }

  /** No more is asked for, but what is under way goes on. */
  leave(): void {
    this.wanted = null;
    this.turn++;
    this.job.value = null;
    this.part();
  }

  private begin(wanted: WantedJob<A>, rest: number, start: boolean): void {
    this.join();
    const turn = ++this.turn;
    this.error.value = null;
    const kept = this.finished.get(wanted.key);
    if (kept) this.show(wanted, kept);
    else void this.pursue(turn, wanted, rest, start);
  }

  private async pursue(turn: number, wanted: WantedJob<A>, rest: number, start: boolean): Promise<void> {
    const restedAt = performance.now() + rest;
    try {
      for (let first = true; ; first = false) {
        const found = await wanted.fetch(start, this.knownOf(wanted));
        if (turn !== this.turn) return;
        const answer = first ? this.met(found) : found;
        this.show(wanted, answer);
        if (answer.state === 'absent' && !start) {
          await pause(Math.max(0, restedAt - performance.now()));
          start = true;
        } else if (isOpen(answer)) {
          await pauseBetween(POLL_MS);
          start = false;
        } else return;
        if (turn !== this.turn) return;
      }
    } catch (error) {
      if (turn !== this.turn) return;
      this.job.value = null;
      this.error.value = asApiError(error);
    }
  }

  private knownOf({ key }: WantedJob<A>): number {
    const shown = this.answer.peek();
    return shown?.key === key ? shown.value.version : 0;
  }

  private show({ key, scope }: WantedJob<A>, value: A): void {
    if (value.state === 'failed') this.error.value = new Failure(value.error, value.hint);
    if (value.state === 'done') this.finished.set(key, value, this.bytes(value));
    if (this.shows(value)) this.answer.value = { key, scope, value };
    this.job.value = isOpen(value) || value.state === 'cancelled' ? value : null;
  }
}
