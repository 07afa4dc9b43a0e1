import type { z } from 'zod';
import { readAction } from '#dialects/native/schemas/action.ts';
import { ApiError } from './api-error.ts';
import { call } from './call.ts';
import { hasEnded } from './has-ended.ts';
import { LiveAction, type Look } from './live-action.ts';
import type { StreamPorts } from './open-stream.ts';

export type ActionWithTasks = z.output<typeof readAction.reply>;

export interface Waiting {
  /** Milliseconds; default: five minutes. */
  readonly timeout?: number;
  /** The longest pause between two looks where the server cannot tell of changes itself, in milliseconds; default: two seconds. */
  readonly longestPause?: number;
  /** Told how far the action is, at each look and each change. */
  readonly onLook?: (look: Look) => void;
}

const millisecondsPerSecond = 1_000;
const firstPause = 100;
const defaultTimeout = 300_000;
const defaultLongestPause = 2_000;
/** Where the server tells of changes: all the same nobody waits for longer on the word of a connection. */
const longestLivePause = 15_000;

/**
 * Waits until an action has ended: the server tells of each change, and is asked besides, ever more slowly; only that where no stream comes
 * through, as behind a proxy that keeps answers back until they are whole.
 * @throws ApiError `timeout` when it has not ended by then; the action itself goes on.
 */
export async function waitForAction(ports: StreamPorts, actionId: string, waiting: Waiting): Promise<ActionWithTasks> {
  const { timeout = defaultTimeout, longestPause = defaultLongestPause, onLook } = waiting;
  let live: LiveAction | undefined;
  let left = timeout;
  let next = firstPause;
  try {
    for (;;) {
      const action = await call(ports.send, readAction, { parameters: { actionId }, query: {}, body: undefined });
      onLook?.(lookAt(action));
      if (hasEnded(action)) {
        return action;
      }
      if (left <= 0) {
        const message = `Action ${actionId} has not ended after ${timeout / millisecondsPerSecond} s; it is ${action.status} and goes on.`;
        throw new ApiError(message, { code: 'timeout', status: 0, details: { status: action.status } });
      }
      live ??= new LiveAction(ports, { actionId, onLook });
      const now = Math.min(next, live.isLive ? longestLivePause : longestPause, left);
      await live.pause(now);
      left -= now;
      next *= 2;
    }
  } finally {
    live?.leave();
  }
}

function lookAt({ status, verb, endpointsCount, upload, tasks }: ActionWithTasks): Look {
  return { status, verb, endpointsCount, upload, endedCount: tasks.filter((task) => task.endedAt !== null).length };
}
