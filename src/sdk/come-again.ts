import { ApiError } from './api-error.ts';
import { newJitter } from './chance.ts';
import type { Pause } from './timer.ts';

const firstPause = 500;
const longestPause = 30_000;

/** What may pass by itself; anything else is the same however often one comes. */
const passing: readonly ApiError['code'][] = ['unreachable', 'unavailable', 'rate_limited', 'timeout', 'internal'];

export interface Connecting<Item> {
  readonly pause: Pause;
  readonly signal: AbortSignal | undefined;
  /** Opens one connection, which goes on where the last one ended. */
  open(): AsyncGenerator<Item>;
}

/**
 * What one connection after another brings, with growing pauses, of which a part is chance, while none brings anything.
 * @throws ApiError of the first connection, so that a wrong address is not waited for; of later ones, what does not pass by itself
 */
export async function* comeAgain<Item>({ pause, signal, open }: Connecting<Item>): AsyncGenerator<Item> {
  let hasCome = false;
  for (let next = firstPause; !isOver(signal); next = Math.min(next * 2, longestPause)) {
    try {
      for await (const item of open()) {
        hasCome = true;
        next = firstPause;
        yield item;
      }
    } catch (error) {
      if (isOver(signal)) {
        return;
      }
      if (!hasCome || !isPassing(error)) {
        throw error;
      }
    }
    await pause(next / 2 + (next / 2) * newJitter(), signal);
  }
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** What a proxy answers while the server behind it is away is not in the API's form. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (passing.includes(error.code) || error.status >= 500);
}
