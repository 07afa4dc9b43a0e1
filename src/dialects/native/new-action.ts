import type { z } from 'zod';
import type { Action } from '#core/action/action.ts';
import { taskStatus } from '#core/action/action-status.ts';
import { parsePath } from '#core/file/file-path.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import type { RestoreFiles } from '#core/verbs/restore-files.ts';
import type { GuardedCall } from '../dialect.ts';
import type { action } from './schemas/action.ts';
import type { CheckedInput } from './schemas/contract.ts';
import type { issueRestoreToken } from './schemas/order.ts';
import { showAction } from './show-action.ts';

/** Who starts an action through this API. */
export function originOf(
  { principal }: GuardedCall,
  body: { readonly incidentId?: string | undefined; readonly reason?: string | undefined },
): Origin {
  return { principal, dialect: 'native', incidentId: body.incidentId, reason: body.reason };
}

/** Which files a restore is of, and what becomes of what is in their way. */
export function restoreOf({
  sha256,
  vaultObject,
  to,
  ifOccupied,
  allow,
}: Omit<CheckedInput<typeof issueRestoreToken>['body'], 'endpointId'>): Omit<RestoreFiles, 'origin' | 'endpointId'> {
  return { sha256, vaultObject, to: to === undefined ? undefined : parsePath(to), ifOccupied, allow };
}

/** An action that was just started. Its tasks are as they were written a moment ago, so they need not be read. */
export async function showStarted({ ports }: GuardedCall, started: Action): Promise<z.input<typeof action>> {
  const approval = (await ports.store.read((reader) => reader.approvals.byAction(started.id))) ?? null;
  const state = approval === null ? 'pending' : 'held';
  const now = ports.clock.now();
  const task = { state, ring: null, acceptedAt: null, deadline: started.deadline } as const;
  return showAction({ action: started, status: taskStatus(task, [], now), approval }, now);
}
