/** How a run's inputs are shown: bands, window and gamma, remembered in this browser. */

import { type Signal, signal } from '@preact/signals';
import { type Input } from '../api';
import { type Bands, type Window, percentiles } from '../draw/image';

export interface Display {
  /** Null: the default of the input. */
  channels: number[] | null;
  /** `auto`: the display range; `percentile`: 1 to 99% of this image; `manual`: low and high. */
  range: 'auto' | 'percentile' | 'manual';
  low: number;
  high: number;
  gamma: number;
}

export const DEFAULT: Display = { channels: null, range: 'auto', low: 0, high: 1, gamma: 1 };

const signals = new Map<string, Signal<Display>>();
const storageKey = (run: string): string => `cnnvis.display.${run}`;

/** The choices for a run; `setDisplay` remembers them. */
export function displayOf(run: string): Signal<Display> {
  let state = signals.get(run);
  if (!state) {
    state = signal(remembered(run));
    signals.set(run, state);
  }
  return state;
}

export function setDisplay(run: string, change: Partial<Display>): void {
  const state = displayOf(run);
  state.value = { ...state.peek(), ...change };
  try {
    localStorage.setItem(storageKey(run), JSON.stringify(state.value));
  } catch {
    // Storage is full or forbidden: the choice holds for this visit.
  }
}

function remembered(run: string): Display {
  try {
    return parseDisplay(JSON.parse(localStorage.getItem(storageKey(run)) ?? 'null'));
  } catch {
    return DEFAULT;
  }
}

/** A stored choice, with the default in place of what is not valid. */
export function parseDisplay(stored: unknown): Display {
  if (typeof stored !== 'object' || stored === null) return DEFAULT;
  const { channels, range, low, high, gamma } = stored as Partial<Record<keyof Display, unknown>>;
  const number = (value: unknown, other: number): number =>
    typeof value === 'number' && Number.isFinite(value) ? value : other;
  const whole = Array.isArray(channels) && (channels.length === 1 || channels.length === 3)
    && channels.every((channel) => Number.isInteger(channel) && channel >= 0);
  return {
    channels: whole ? (channels as number[]) : null,
    range: range === 'percentile' || range === 'manual' ? range : 'auto',
    low: number(low, DEFAULT.low),
    high: number(high, DEFAULT.high),
    gamma: Math.min(4, Math.max(0.25, number(gamma, 1))),
  };
}

/** One channel in grey, two: the first, from three on the first three as red, green and blue. */
export function bandsOf(input: Input, display: Display): Bands {
  const { channels } = display;
  const valid = channels?.every((channel) => channel < input.channels) ?? false;
  const [red = 0, green, blue] = valid && channels ? channels : input.channels < 3 ? [0] : [0, 1, 2];
  return { channels: green === undefined || blue === undefined ? [red] : [red, green, blue] };
}

/** The window in use. Where the range is not known, that is 1 to 99% of the image. */
export function windowOf(input: Input, display: Display): Window {
  const { gamma, range } = display;
  if (range === 'manual') return { low: display.low, high: display.high, gamma };
  if (range === 'percentile' || input.display === 'stretched') {
    const found = percentiles(input, bandsOf(input, display), 0.01, 0.99);
    if (found) return { low: found[0], high: found[1], gamma };
  }
  return { low: input.low, high: input.high, gamma };
}
