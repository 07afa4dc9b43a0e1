import type { ActionStatus } from '#core/action/action-status.ts';

/** How a federated call of the vendor's ended; all of them travel in HTTP 200 (the seed's page). */
export const cybereasonStatuses = [
  'SUCCESS',
  'PARTIAL_SUCCESS',
  'NO_SERVERS_CONFIGURED',
  'QUERY_LIMIT_CROSSED',
  'FAILURE',
  'TIMEOUT_ERROR',
] as const;

export type CybereasonStatus = (typeof cybereasonStatuses)[number];

export type DownloadState = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed';

/** The state of a file that has no outcome of its own yet, from the status of its task. */
export const stateWithoutOutcome: Record<ActionStatus, DownloadState> = {
  held: 'Pending',
  pending: 'Pending',
  in_progress: 'InProgress',
  cancelling: 'InProgress',
  completed_successfully: 'Failed',
  completed_partial: 'Failed',
  failed: 'Failed',
  cancelled: 'Failed',
  aborted: 'Failed',
  expired: 'Failed',
  timeout: 'Failed',
};
