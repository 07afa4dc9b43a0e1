import type { Action } from '../action/action.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Origin, openAction } from './open-action.ts';
import { demandOnePlace, type RestoreSubject, relatedEndpoints, unsettledQuarantines } from './restore-targets.ts';

export interface PlanRestore extends RestoreSubject {
  readonly origin: Origin;
}

/**
 * Asks every endpoint that a restore would go to what it would meet there. Nothing is changed, on no endpoint and in no vault; those
 * that are away are asked when they return. What they answer, `describeRestorePlan` tells.
 * @throws Fault `no_target` when no endpoint (or not the named one) ever quarantined this hash; `invalid_request` when several copies
 * would have to go to one place, or the named object has another hash; `timeout`
 */
export async function planRestore(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: PlanRestore,
): Promise<Action> {
  const { origin, sha256, vaultObject = null, to = null } = request;
  const parameters = { verb: 'plan', sha256, vaultObject, to } as const;
  const order = async (transaction: Transaction) => {
    const unsettled = vaultObject === null ? await unsettledQuarantines(transaction, request) : [];
    const related = await relatedEndpoints(transaction, request, unsettled);
    await demandOnePlace(transaction, request, related);
    const targets = related.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin, targets }), related };
  };
  const fleetWide = request.endpointId === undefined;
  const { action, related } = await ports.store.transact(order, { fleetWide });
  ports.doorbell.ring(related);
  return action;
}
