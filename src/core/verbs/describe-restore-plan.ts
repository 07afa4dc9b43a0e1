import type { ActionId } from '../action/action-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { type RestorePlan, restorePlanOf } from '../restore/restore-plan.ts';
import type { Milliseconds } from '../time.ts';
import { blockedAmong } from './demand-not-blocked.ts';

export interface DescribedPlan {
  readonly plan: RestorePlan;
  /** The listed hash because of which the files would be taken again as soon as they are back; null: they would stay. */
  readonly blockedBy: string | null;
}

/**
 * What endpoints have said so far that a restore would meet.
 * @throws Fault `not_found`; `invalid_request` for an action that is no plan
 */
export async function describeRestorePlan(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<DescribedPlan> {
  const now = clock.now();
  return store.read(
    async (reader) => {
      const plan = await readRestorePlan(reader, id, now);
      const blocked = await blockedAmong(reader, [plan.sha256], now);
      return { plan, blockedBy: blocked.get(plan.sha256)?.hash ?? null };
    },
    { fleetWide: true },
  );
}

/** As `describeRestorePlan`, inside the caller's transaction. */
export async function readRestorePlan(
  { actions, tasks, outcomes }: Pick<Reader, 'actions' | 'tasks' | 'outcomes'>,
  id: ActionId,
  now: Milliseconds,
): Promise<RestorePlan> {
  const action = await actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  const all = await tasks.standingOf(id);
  const parameters = all[0]?.parameters;
  if (parameters?.verb !== 'plan') {
    throw new Fault('invalid_request', `Action ${id} is no plan of a restore; it is of the kind ${action.verb}.`, {
      details: { field: 'actionId', verb: action.verb },
    });
  }
  return restorePlanOf({ action, asked: parameters, tasks: all, outcomes: await outcomes.byActions([id]) }, now);
}
