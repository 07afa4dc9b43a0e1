import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { mostObjects } from '../action/verb.ts';
import { Fault } from '../fault.ts';
import type { VaultObjectId } from '../file/vault-object-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { type PlannedOrders, type PlanPolicies, plannedOrders } from '../restore/planned-orders.ts';
import type { RestorePlan } from '../restore/restore-plan.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { readRestorePlan } from './describe-restore-plan.ts';
import { type Origin, openAction, type Target } from './open-action.ts';
import { unsettledQuarantines } from './restore-targets.ts';
import { supersedeQuarantines } from './supersede-quarantines.ts';

export interface RunRestorePlan extends PlanPolicies {
  readonly origin: Origin;
  readonly actionId: ActionId;
  /** What the plan said that it is: just that is done. */
  readonly digest: string;
  /** Puts a blocked hash on the allow list first; needs a permission of its own. */
  readonly allow: boolean;
}

export interface RunPlan {
  readonly action: Action;
  /** How many vault objects are ordered back. */
  readonly objects: number;
  /** How many stay in their vaults, because a policy says so. */
  readonly skipped: number;
  /** Objects of endpoints that were removed since: no order reaches them. */
  readonly removed: number;
}

/**
 * Restores just what a plan found, object by object, each as the policies say of what stands in its way; what came into a vault since
 * is not touched. Quarantines of the hash that have not begun are superseded on those endpoints.
 * @throws Fault `not_found`; `invalid_request` for an action that is no plan, or a policy without its path; `conflict` when the plan is
 * another by now, in what was found or in what the vaults hold, and for a hash that is blocked; `no_target` when nothing is left to be
 * restored; `limit_exceeded`; `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function runRestorePlan(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: RunRestorePlan,
): Promise<RunPlan> {
  const order = (transaction: Transaction) => runWithin(ports, transaction, request);
  const { targets, ...run } = await ports.store.transact(order, { fleetWide: true });
  ports.doorbell.ring(targets.map(({ endpointId }) => endpointId));
  return run;
}

async function runWithin(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  request: RunRestorePlan,
): Promise<RunPlan & { readonly targets: readonly Target[] }> {
  const { origin, actionId, digest, allow } = request;
  const plan = await readRestorePlan(transaction, actionId, ports.clock.now());
  demandSamePlan(plan, digest);
  const orders = plannedOrders(plan.objects, request);
  await demandStillHeld(transaction, orders);
  await demandNotBlocked(ports, transaction, { origin, hashes: [plan.sha256], allow });
  const { targets, removed } = await targetsOf(transaction, plan, orders);
  const facts = { plan: actionId, digest, skipped: orders.skipped };
  const action = await openAction(ports, transaction, { origin, targets, facts });
  const concerned = new Set(targets.map(({ endpointId }) => endpointId));
  const unsettled = plan.vaultObject === null ? await unsettledQuarantines(transaction, { sha256: plan.sha256 }) : [];
  await supersedeQuarantines(
    transaction,
    action,
    unsettled.filter(({ endpointId }) => concerned.has(endpointId)),
  );
  const objects = targets.reduce((sum, { parameters }) => sum + countOf(parameters), 0);
  return { action, objects, skipped: orders.skipped, removed, targets };
}

function demandSamePlan(plan: RestorePlan, given: string): void {
  const { digest, objects, waiting, failed } = plan;
  if (digest !== given) {
    const answers = `${objects.length} objects found, ${waiting.length} endpoints still to answer, ${failed.length} without an answer`;
    throw new Fault('conflict', `The plan is another by now (${answers}). Read it anew, and give its digest.`, {
      details: { what: 'plan', digest, objects: objects.length, waiting: waiting.length, failed: failed.length },
    });
  }
}

/** What the server knows to have left a vault since cannot be done as planned; what it does not know of, the agents tell. */
async function demandStillHeld(
  { quarantine }: Pick<Reader, 'quarantine'>,
  { byEndpoint }: PlannedOrders,
): Promise<void> {
  const named = [...byEndpoint.values()].flatMap((objects) => objects.map(({ vaultObject }) => vaultObject));
  const left = (await quarantine.byObjects(named)).filter(({ state }) => state === 'restored' || state === 'purged');
  const [first] = left;
  if (first !== undefined) {
    const what = `${left.length} of the planned objects have left their vaults since: the first was ${first.displayPath} on endpoint ${first.endpointId}, ${first.state}.`;
    const vaultObjects = left.slice(0, mostTold).map(({ vaultObject }): VaultObjectId => vaultObject);
    throw new Fault('conflict', `${what} Make a new plan.`, { details: { what: 'vault', vaultObjects } });
  }
}

const mostTold = 20;

async function targetsOf(
  { endpoints }: Pick<Reader, 'endpoints'>,
  { sha256 }: RestorePlan,
  { byEndpoint, skipped }: PlannedOrders,
): Promise<{ readonly targets: readonly Target[]; readonly removed: number }> {
  const revoked = new Set(await endpoints.revokedAmong([...byEndpoint.keys()]));
  const reached = [...byEndpoint].filter(([endpointId]) => !revoked.has(endpointId));
  const targets = reached.map(([endpointId, objects]): Target => {
    if (objects.length > mostObjects) {
      const message = `An endpoint holds ${objects.length} of these objects, and one restore names at most ${mostObjects}: restore it by hash.`;
      throw new Fault('limit_exceeded', message, { details: { limit: mostObjects, asked: objects.length } });
    }
    return { endpointId, parameters: { verb: 'restore_objects', sha256, objects: [...objects] } };
  });
  if (targets.length === 0) {
    const message = `Nothing of the plan is left to be restored: ${skipped} objects are left out by the policies.`;
    throw new Fault('no_target', message);
  }
  const lost = [...byEndpoint].filter(([endpointId]) => revoked.has(endpointId));
  return { targets, removed: lost.reduce((sum, [, objects]) => sum + objects.length, 0) };
}

function countOf(parameters: Target['parameters']): number {
  return parameters.verb === 'restore_objects' ? parameters.objects.length : 0;
}
