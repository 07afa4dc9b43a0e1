import type { ActionStatus } from '#core/action/action-status.ts';

export type CortexStatus =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'CANCELLED'
  | 'PENDING_ABORT'
  | 'ABORTED'
  | 'EXPIRED'
  | 'COMPLETED_PARTIAL'
  | 'COMPLETED_SUCCESSFULLY'
  | 'FAILED'
  | 'TIMEOUT';

/** Per endpoint, as Get Action Status says it. */
export const cortexStatus: Readonly<Record<ActionStatus, CortexStatus>> = {
  held: 'PENDING',
  pending: 'PENDING',
  in_progress: 'IN_PROGRESS',
  completed_successfully: 'COMPLETED_SUCCESSFULLY',
  completed_partial: 'COMPLETED_PARTIAL',
  failed: 'FAILED',
  cancelling: 'PENDING_ABORT',
  cancelled: 'CANCELLED',
  aborted: 'ABORTED',
  expired: 'EXPIRED',
  timeout: 'TIMEOUT',
};
