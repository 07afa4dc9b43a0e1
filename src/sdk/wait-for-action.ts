import type { z } from 'zod';
import type { ActionStatus } from '#core/action/action-status.ts';
import { readAction } from '#dialects/native/schemas/action.ts';
import { ApiError } from './api-error.ts';
import { call } from './call.ts';
import type { Send } from './send.ts';
import type { Pause } from './timer.ts';

export type ActionWithTasks = z.output<typeof readAction.reply>;

export interface Waiting {
  /** Milliseconds; default: five minutes. */
  readonly timeout?: number;
  /** The longest pause between two looks, in milliseconds; default: two seconds. */
  readonly longestPause?: number;
  /** Told of the action at each look. */
  readonly onLook?: (action: ActionWithTasks) => void;
}

const millisecondsPerSecond = 1_000;
const firstPause = 100;
const defaultTimeout = 300_000;
const defaultLongestPause = 2_000;

/** Whether an action has ended. Total, so that a new status does not compile until someone has said. */
const ended: Record<ActionStatus, boolean> = {
  held: false,
  pending: false,
  in_progress: false,
  cancelling: false,
  completed_successfully: true,
  completed_partial: true,
  failed: true,
  cancelled: true,
  aborted: true,
  expired: true,
  timeout: true,
};

/**
 * Asks again and again, ever more slowly, until an action has ended.
 * @throws ApiError `timeout` when it has not ended by then; the action itself goes on.
 */
export async function waitForAction(
  { send, pause }: { readonly send: Send; readonly pause: Pause },
  actionId: string,
  waiting: Waiting,
): Promise<ActionWithTasks> {
  const { timeout = defaultTimeout, longestPause = defaultLongestPause, onLook } = waiting;
  let left = timeout;
  let next = firstPause;
  for (;;) {
    const action = await call(send, readAction, { parameters: { actionId }, query: {}, body: undefined });
    onLook?.(action);
    if (ended[action.status]) {
      return action;
    }
    if (left <= 0) {
      const message = `Action ${actionId} has not ended after ${timeout / millisecondsPerSecond} s; it is ${action.status} and goes on.`;
      throw new ApiError(message, { code: 'timeout', status: 0, details: { status: action.status } });
    }
    const now = Math.min(next, longestPause, left);
    await pause(now);
    left -= now;
    next *= 2;
  }
}
