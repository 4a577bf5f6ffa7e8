/** Answers that the server is yet to compute. */

import { type Signal, signal } from '@preact/signals';
import { ApiError } from '../api';

/** What is being computed for the page, in the server's words; '' for nothing. */
export const awaited: Signal<string> = signal('');

/** Grows when something has been computed: other answers may have it now, too. */
export const arrivals: Signal<number> = signal(0);

/** Asks again as often as the server says that the answer is yet to come, while it is `wanted`. */
export async function patiently<T>(ask: () => Promise<T>, wanted: () => boolean): Promise<T> {
  let told = '';
  try {
    for (;;) {
      try {
        const answer = await ask();
        if (told) arrivals.value++;
        return answer;
      } catch (error) {
        if (!(error instanceof ApiError) || error.retryAfter === null || !wanted()) throw error;
        awaited.value = told = error.message;
        await pause(error.retryAfter);
        if (!wanted()) throw error;
      }
    }
  } finally {
    if (awaited.peek() === told) awaited.value = '';
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
