import { demandPermission, type Principal } from '../access/principal.ts';
import type { ActionId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { RolloutReader } from '../ports/store/rollouts.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandReason } from './demand-reason.ts';
import { releaseNextRing } from './release-next-ring.ts';

export interface ResumeRings {
  readonly principal: Principal;
  readonly actionId: ActionId;
  /** Never empty: the record says why it went on although something was wrong. */
  readonly reason: string;
}

export interface ResumedRings {
  /** Endpoints that the order goes out to now. */
  readonly released: number;
  /** Endpoints that still wait for their ring. */
  readonly heldBack: number;
}

/**
 * Lets an order go on that has halted: the next ring goes out, and is judged like any other. To let more of a wide order out is the decision
 * that an approval is, with more known against it; so it takes the same permission, and no key, which anybody may hold. It need not be
 * another person than the requester: a second one has approved these very endpoints.
 * @throws Fault `permission_denied`; `invalid_request` without a reason; `not_found` where it does not go by rings; `conflict` where nothing is halted
 */
export async function resumeRings(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  request: ResumeRings,
): Promise<ResumedRings> {
  demandPermission(request.principal, 'actions.approve');
  if (request.principal.kind === 'key') {
    const why = 'No key lets an order go on that has halted, for anybody may hold it: log in.';
    throw new Fault('permission_denied', why, { details: { permission: 'actions.approve' } });
  }
  demandReason(request.reason, 'reason: say why it may go on.');
  const now = ports.clock.now();
  const resumed = await ports.store.transact((transaction) => resumeIn(transaction, request, now), {
    fleetWide: true,
  });
  ports.doorbell.ring(resumed.endpointIds);
  return { released: resumed.endpointIds.length, heldBack: resumed.heldBack };
}

async function resumeIn(
  transaction: Transaction,
  { principal, actionId, reason }: ResumeRings,
  now: Milliseconds,
): Promise<{ readonly endpointIds: readonly EndpointId[]; readonly heldBack: number }> {
  const { rollouts, events } = transaction;
  const { rollout, at } = await demandHalted(rollouts, actionId);
  const actor = { kind: principal.kind, id: principal.id, name: principal.name };
  const { rule, count, of, limit } = at.halt;
  const facts = { round: rollout.round, ring: at.ring, rule, count, of, limit, reason };
  await events.append([{ type: 'rings_resumed', at: now, actor, actionId, facts }]);
  const endpointIds = await releaseNextRing(transaction, { rollout, after: at.ring, now });
  return { endpointIds, heldBack: await rollouts.countHeldBack(rollout) };
}

/** Of an action that was retried, what halted first goes on first. */
async function demandHalted(rollouts: RolloutReader, actionId: ActionId) {
  const all = await rollouts.byAction(actionId);
  const newest = all.at(-1);
  if (newest === undefined) {
    const why = `There is no action ${actionId} that goes out by rings.`;
    throw new Fault('not_found', why, { details: { what: 'rings' } });
  }
  for (const rollout of all) {
    const { at } = rollout;
    if (at.stage === 'halted' && (await rollouts.countHeldBack(rollout)) > 0) {
      return { rollout, at };
    }
  }
  const { stage } = newest.at;
  const state = stage === 'halted' ? 'nothing of it is held back any more' : 'its rings are not halted';
  throw new Fault('conflict', `Action ${actionId} cannot be resumed: ${state}.`, { details: { state: stage } });
}
