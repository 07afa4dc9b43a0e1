import { demandPermission, type Principal } from '../access/principal.ts';
import type { ActionId } from '../action/action-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandReason } from './demand-reason.ts';
import { pendingApproval } from './pending-approval.ts';
import { toldTargets } from './told-targets.ts';
import { withdrawTasks } from './withdraw-tasks.ts';

export interface RefuseApproval {
  readonly principal: Principal;
  readonly actionId: ActionId;
  /** Never empty: whoever ordered it reads it. */
  readonly reason: string;
}

/**
 * Ends an action that waits for a second person: no agent was ever told of it. Whoever may approve may refuse, their own too.
 * @throws Fault `not_found`; `conflict` when it was decided, cancelled or is overdue; `invalid_request` without a reason
 */
export async function refuseApproval(
  ports: Pick<Ports, 'store' | 'clock'>,
  { principal, actionId, reason }: RefuseApproval,
): Promise<void> {
  demandPermission(principal, 'actions.approve');
  demandReason(reason, 'reason: say why it is refused.');
  const at = ports.clock.now();
  const by = { kind: principal.kind, id: principal.id, name: principal.name };
  await ports.store.transact(
    async (transaction) => {
      const { approval, action, tasks } = await pendingApproval(transaction, actionId, at);
      if (!(await transaction.approvals.decide(actionId, { verdict: 'refused', at, by, reason }))) {
        throw new Fault('conflict', `Action ${actionId} was decided by somebody else at this moment.`);
      }
      const message = `The order was refused by ${by.name}: ${reason}`;
      const { withdrawn } = await withdrawTasks(transaction, tasks, { reason: 'not_approved', message, at });
      const { digest } = approval;
      const facts = { ...toldTargets(tasks), verb: action.verb, digest, withdrawn, reason };
      await transaction.events.append([{ type: 'approval_refused', at, actor: by, actionId, facts }]);
    },
    { fleetWide: true },
  );
}
