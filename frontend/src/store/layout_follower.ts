/** Follows what is wanted of t-SNE and UMAP. */

import { type Signal, signal } from '@preact/signals';
import { type AlignedEpochs, type Layout, type LayoutRequest, ApiError as Failure, asApiError, fetchLayout } from '../api';
import { type Limits } from '../draw/viewport';
import { Follower, isOpen, pause, pauseBetween } from './follower';
import { pageVisible } from './page';
import { type Picture, type WantedLayout, atEpoch, pictureOf } from './pictures';
import { Cache } from './resource';

const CACHE_BYTES = 64 * 2 ** 20;
/** Of it, what epochs that are read ahead may take. */
const AHEAD_BYTES = CACHE_BYTES / 2;
const POLL_MS = 250;
/** While the asked epoch is ready and others are not yet. */
const POLL_OTHERS_MS = 700;
const MOST_IDLE_MS = 10_000;
/** An epoch is laid out once the slider has rested on it so long. */
const REST_MS = 600;

const finished = new Cache<Picture>(CACHE_BYTES);
/** Limits that hold for all epochs of a series, which are shown with the same axes. */
const limits = signal<ReadonlyMap<string, Limits>>(new Map());

/** The limits of all epochs of a series that were met; null without any. */
export function commonLimits(series: string | null): Limits | null {
  return series === null ? null : (limits.value.get(series) ?? null);
}

function widen(series: string, [x0, x1, y0, y1]: Limits): void {
  const known = limits.peek().get(series) ?? [x0, x1, y0, y1];
  const wide: Limits = [Math.min(known[0], x0), Math.max(known[1], x1), Math.min(known[2], y0), Math.max(known[3], y1)];
  if (!limits.peek().has(series) || wide.some((end, k) => end !== known[k])) limits.value = new Map(limits.peek()).set(series, wide);
}

const isReady = ({ state, epochs }: Layout): boolean => state === 'done' && (epochs?.preview ?? null) === null;
const othersMissing = ({ epochs }: Layout): boolean => epochs !== null && epochs.done < epochs.total;

/** Asks for what is wanted, shows it as it forms, cancels what is not wanted any more. */
export class LayoutFollower extends Follower {
  readonly picture: Signal<Picture | null> = signal(null);
  /** Of epochs that go on one from the other: how many are laid out. */
  readonly epochs: Signal<AlignedEpochs | null> = signal(null);
  private wanted: WantedLayout | null = null;
  private asked: Promise<unknown> = Promise.resolve();

  follow(wanted: WantedLayout | null): void {
    const before = this.wanted;
    this.wanted = wanted;
    const moved = before !== null && before.key !== wanted?.key;
    const along = moved && before.series !== null && before.series === wanted?.series;
    if (moved && !along) {
      this.abandon();
      this.job.value = null;
      this.epochs.value = null;
    }
    if (wanted === null) return this.rest();
    this.begin(wanted, moved && sameLayout(before, wanted) ? REST_MS : 0, false);
  }

  /** No more is asked; the job goes on. */
  rest(): void {
    this.turn++;
    this.part();
  }

  /** Lays it out after a failure or a cancel. */
  run(): void {
    this.resume();
    if (this.wanted) this.begin(this.wanted, 0, true);
  }

  private begin(wanted: WantedLayout, rest: number, start: boolean): void {
    this.join();
    const turn = ++this.turn;
    this.error.value = null;
    if (wanted.series === null || start) this.job.value = null;
    const kept = finished.get(wanted.key);
    if (kept) this.picture.value = kept;
    const { done, total } = this.epochs.peek() ?? { done: 0, total: 1 };
    if (!kept || (wanted.series !== null && done < total)) void this.pursue(turn, wanted, performance.now() + rest, start);
  }

  private async pursue(turn: number, wanted: WantedLayout, restedAt: number, start: boolean): Promise<void> {
    let [idle, done] = [POLL_OTHERS_MS, -1];
    try {
      for (let first = true; ; first = false) {
        const found = await this.ask(turn, wanted, start);
        if (found === null || turn !== this.turn) return;
        const answer = first ? this.met(found) : found;
        this.show(wanted, answer);
        if (answer.state === 'absent' && !start) {
          await pause(Math.max(0, restedAt - performance.now()));
          start = true;
        } else if (isOpen(answer)) {
          await pauseBetween(POLL_MS);
          start = false;
        } else if (isReady(answer) && wanted.series !== null) {
          await this.readAhead(turn, wanted, answer.epochs?.ready ?? []);
          if (!othersMissing(answer)) return;
          idle = answer.epochs?.done === done ? Math.min(MOST_IDLE_MS, 1.5 * idle) : POLL_OTHERS_MS;
          done = answer.epochs?.done ?? 0;
          await pauseBetween(idle);
          start = false;
        } else {
          if (answer.state === 'absent') this.job.value = { ...answer, state: 'cancelled' };
          return;
        }
        if (turn !== this.turn) return;
      }
    } catch (error) {
      if (turn !== this.turn) return;
      this.job.value = null;
      this.error.value = asApiError(error);
    }
  }

  /** One request at a time: of the wishes that come meanwhile only the newest is asked for. */
  private async ask(turn: number, wanted: WantedLayout, start: boolean): Promise<Layout | null> {
    await this.asked;
    if (turn !== this.turn) return null;
    const answer = fetchLayout(wanted.request, start);
    this.asked = answer.catch(() => undefined);
    return answer;
  }

  /** The other epochs that are ready, the nearest first, so that they can be scrubbed through. */
  private async readAhead(turn: number, wanted: WantedLayout, ready: readonly number[]): Promise<void> {
    const { step } = wanted.request;
    const near = [...ready].sort((a, b) => Math.abs(a - step) - Math.abs(b - step)).slice(0, Math.floor(AHEAD_BYTES / (8 * wanted.of)));
    for (const epoch of near) {
      const other = atEpoch(wanted, epoch);
      if (finished.has(other.key) || !pageVisible.peek()) continue;
      const answer = await this.ask(turn, other, false);
      if (answer === null || turn !== this.turn) return;
      if (isReady(answer)) this.keep(other, answer);
    }
  }

  private keep(wanted: WantedLayout, answer: Layout): Picture {
    const picture = pictureOf(wanted, answer);
    // A layout that forms has its own limits.
    if (wanted.series !== null && answer.epochs?.ready.length) widen(wanted.series, picture.limits);
    if (picture.stage === 'final') finished.set(wanted.key, picture, picture.xy.byteLength);
    return picture;
  }

  private show(wanted: WantedLayout, answer: Layout): void {
    const { state, begun, epochs } = answer;
    const shown = this.picture.peek();
    if (state === 'failed') this.error.value = new Failure(answer.error, answer.hint);
    // Before its first positions a layout answers with the principal components that it starts from.
    const other = shown === null || shown.scope !== wanted.scope || !sameRequest(shown, wanted.request);
    const fresh = other || shown.stage === 'start';
    const known = shown?.key === wanted.key && shown.stage === 'final';
    if (!known && (begun || fresh || (epochs?.preview ?? null) !== null)) this.picture.value = this.keep(wanted, answer);
    this.epochs.value = epochs;
    this.job.value = isOpen(answer) || state === 'cancelled' ? answer : null;
  }
}

function sameLayout(a: WantedLayout, b: WantedLayout): boolean {
  return a.scope === b.scope && sameRequest(a.request, b.request);
}

/** The same but for the epoch. */
export function sameRequest(a: Pick<LayoutRequest, 'source' | 'method'>, b: Pick<LayoutRequest, 'source' | 'method'>): boolean {
  return a.source === b.source && JSON.stringify(a.method) === JSON.stringify(b.method);
}
