import type { Action, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { Fault } from '../fault.ts';
import { approvalState, type KnownApproval } from '../guard/approval.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';

export interface PendingApproval {
  readonly approval: KnownApproval;
  readonly action: Action;
  /** All that it is about, by the endpoints' order in the request. */
  readonly tasks: readonly Task[];
}

/** What an action waits for, to be decided now. @throws Fault `not_found`, `conflict` when nobody can decide any more */
export async function pendingApproval(
  reader: Pick<Reader, 'approvals' | 'actions' | 'tasks'>,
  id: ActionId,
  now: Milliseconds,
): Promise<PendingApproval> {
  const approval = await reader.approvals.byAction(id);
  const action = await reader.actions.byId(id);
  if (approval === undefined || action === undefined) {
    throw noApproval(id);
  }
  demandWaiting(approval, now);
  const tasks = (await reader.tasks.byAction(id)).filter(({ round }) => round === approval.round);
  return { approval, action, tasks };
}

export function noApproval(id: ActionId): Fault {
  return new Fault('not_found', `There is no action ${id} that waits, or waited, for an approval.`, {
    details: { what: 'approval' },
  });
}

function demandWaiting(approval: KnownApproval, now: Milliseconds): void {
  const state = approvalState(approval, now);
  if (state === 'waiting') {
    return;
  }
  const { actionId, decision } = approval;
  const by = decision === null ? '' : ` by ${decision.by.name}`;
  throw new Fault(
    'conflict',
    `Action ${actionId} does not wait for an approval any more: it is ${state}${by}. Order it again if it is still needed.`,
    { details: { state } },
  );
}
