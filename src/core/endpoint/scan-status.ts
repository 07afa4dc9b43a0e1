import { type ActionStatus, taskStatus } from '../action/action-status.ts';
import type { Outcome } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';

/** How the last scan of an endpoint went, in the words that the Cortex XDR page has for it. */
export const scanStatuses = [
  'none',
  'pending',
  'in_progress',
  'pending_cancellation',
  'canceled',
  'aborted',
  'success',
  'error',
] as const;

export type ScanStatus = (typeof scanStatuses)[number];

const ofAction: Readonly<Record<ActionStatus, ScanStatus>> = {
  held: 'pending',
  pending: 'pending',
  in_progress: 'in_progress',
  completed_successfully: 'success',
  completed_partial: 'error',
  failed: 'error',
  cancelling: 'pending_cancellation',
  cancelled: 'canceled',
  aborted: 'aborted',
  expired: 'error',
  timeout: 'error',
};

/** @param task of the newest scan; undefined: there never was one. */
export function scanStatusOf(
  task: Parameters<typeof taskStatus>[0] | undefined,
  ends: readonly Outcome[],
  now: Milliseconds,
): ScanStatus {
  return task === undefined ? 'none' : ofAction[taskStatus(task, ends, now)];
}
