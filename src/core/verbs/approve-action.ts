import { demandPermission, type Principal } from '../access/principal.ts';
import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Verdict } from '../guard/approval.ts';
import { approvalDigest } from '../guard/approval-digest.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandReason } from './demand-reason.ts';
import { eligibleApprovers, neededOf } from './eligible-approvers.ts';
import { type PendingApproval, pendingApproval } from './pending-approval.ts';
import { releaseNextRing } from './release-next-ring.ts';
import { toldTargets } from './told-targets.ts';

export interface ApproveAction {
  readonly principal: Principal;
  readonly actionId: ActionId;
  /** As it was shown: what is approved is just that. */
  readonly digest: string;
  /** What takes a second person's place where there is none: the numbers, typed. */
  readonly confirmation?: { readonly endpoints: number; readonly files: number } | undefined;
  /** Lets it out without a second person, whoever could be one; the event stands out. */
  readonly breakGlass?: boolean | undefined;
  /** Of a broken glass never empty. */
  readonly reason?: string | undefined;
}

/**
 * Lets an action out that waited for a second person. It must be another person than the one who ordered it, by identity, who has
 * logged in: what was ordered with a key was ordered by whoever made it, and no key approves, for anybody may hold it; nor does the
 * operating system's administrator, who is no person by name. Of several approvals at once just one counts, and so it is against
 * a refusal, a cancellation or the expiry.
 * @throws Fault `not_found`; `conflict` when it was decided, cancelled or is overdue, when the digest is another one, or when what is
 * stored is not what was ordered; `permission_denied` for who is no second person; `invalid_request` for other numbers than the order's,
 * and for a broken glass without a reason
 */
export async function approveAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell' | 'log'>,
  request: ApproveAction,
): Promise<void> {
  demandPermission(request.principal, 'actions.approve');
  const approve = (transaction: Transaction) => approveIn(transaction, request, ports.clock.now());
  // Whatever the fan-out, it is let out whole or not at all.
  ports.doorbell.ring(await ports.store.transact(approve, { fleetWide: true }));
  if (request.breakGlass === true) {
    const { actionId, principal, reason } = request;
    const message = 'One person let a wide order out, without a second one.';
    ports.log.warn(message, { actionId, by: principal.name, reason });
  }
}

async function approveIn(transaction: Transaction, request: ApproveAction, now: Milliseconds) {
  const pending = await pendingApproval(transaction, request.actionId, now);
  demandSame(pending, request.digest);
  const verdict = await verdictOf(transaction, pending, request);
  const { principal, actionId, reason = '' } = request;
  const by = { kind: principal.kind, id: principal.id, name: principal.name };
  const { lifetime } = pending.approval;
  const held = pending.tasks.filter(({ state }) => state === 'held');
  const deadline = now + lifetime;
  const isFirst = await transaction.approvals.decide(actionId, { verdict, at: now, by, reason });
  const rollout = await transaction.rollouts.byRound(pending.approval);
  const released = rollout === undefined ? await releaseAll(transaction, held, { deadline, now }) : [];
  const ringed = rollout === undefined ? [] : await transaction.tasks.holdForRings(pending.approval, deadline);
  if (!isFirst || released.length + ringed.length < held.length) {
    throw new Fault('conflict', `Action ${actionId} was decided by somebody else at this moment: look at it again.`);
  }
  await transaction.actions.postpone(actionId, deadline);
  const counts = { released: released.length, ringed: ringed.length };
  await transaction.events.append([givenEvent(pending, { verdict, by, reason, at: now, ...counts })]);
  return rollout === undefined ? released : await releaseNextRing(transaction, { rollout, after: 0, now });
}

async function releaseAll(
  { tasks }: Pick<Transaction, 'tasks'>,
  held: readonly Task[],
  { deadline, now }: { readonly deadline: Milliseconds; readonly now: Milliseconds },
): Promise<readonly EndpointId[]> {
  // It is issued now: agents and signers hold the length of its life to their own limits.
  const moved = await tasks.transition(
    held.map(({ id }) => id),
    'release',
    { deadline, createdAt: now },
  );
  const ids = new Set(moved.map(({ id }) => id));
  return held.filter(({ id }) => ids.has(id)).map(({ endpointId }) => endpointId);
}

/**
 * Nothing in this program changes what an action was opened with; so a store in which it has changed was changed by somebody else, and what
 * would go out is not what was looked at.
 */
function demandSame({ approval, action, tasks }: PendingApproval, seen: string): void {
  const { digest } = approval;
  if (seen.toLowerCase() !== digest) {
    throw new Fault('conflict', `Action ${action.id} has another digest than the one given: look at it again.`, {
      details: { digest },
    });
  }
  const { requestedBy: principal, requestedAt: createdAt } = approval;
  if (approvalDigest({ action: { ...action, principal, createdAt }, terms: approval, tasks }) !== digest) {
    throw new Fault(
      'conflict',
      `What is stored of action ${action.id} is not what was ordered: refuse it, and find out who changed the store.`,
    );
  }
}

async function verdictOf(
  reader: Pick<Reader, 'credentials' | 'endpoints'>,
  { approval, tasks }: PendingApproval,
  request: ApproveAction,
): Promise<Extract<Verdict, 'approved' | 'confirmed' | 'bypassed'>> {
  const { principal, breakGlass = false, reason = '', confirmation } = request;
  if (breakGlass) {
    demandPermission(principal, 'actions.bypass');
    demandReason(reason, 'reason: say why it cannot wait for a second person.');
    return 'bypassed';
  }
  // Whoever holds a key may be anybody, the one who ordered it too.
  const person = principal.kind === 'user' ? principal.id : null;
  if (person !== null && person !== approval.requester) {
    return 'approved';
  }
  const endpointIds = tasks.map(({ endpointId }) => endpointId);
  const eligible = await eligibleApprovers(reader, endpointIds);
  if (neededOf(eligible, approval, approval.requestedBy) === 'second_person') {
    throw new Fault('permission_denied', notAnother(person), { details: { permission: 'actions.approve' } });
  }
  demandCounts(approval, confirmation);
  return 'confirmed';
}

function notAnother(person: string | null): string {
  const why =
    person === null
      ? 'You are no second person: only somebody who has logged in is one, and no key, nor the administrator of this operating system.'
      : 'You are no second person: it was ordered by you, or with a key that you made.';
  return `${why} Have another person who may approve actions do it.`;
}

function demandCounts(
  { endpointsCount, filesCount }: PendingApproval['approval'],
  confirmation: ApproveAction['confirmation'],
): void {
  if (confirmation === undefined) {
    throw new Fault(
      'invalid_request',
      'confirmation: nobody else can approve it here, so repeat the number of its endpoints and files.',
      { details: { in: 'body', field: 'confirmation' } },
    );
  }
  if (confirmation.endpoints !== endpointsCount || confirmation.files !== filesCount) {
    throw new Fault(
      'invalid_request',
      `confirmation: it is not about ${confirmation.endpoints} endpoints and ${confirmation.files} files; look at it again.`,
      { details: { in: 'body', field: 'confirmation' } },
    );
  }
}

interface Given {
  readonly verdict: 'approved' | 'confirmed' | 'bypassed';
  readonly by: NewEvent['actor'];
  readonly reason: string;
  readonly at: Milliseconds;
  /** Tasks that go out at once, and those that wait for their ring. */
  readonly released: number;
  readonly ringed: number;
}

function givenEvent({ approval, action, tasks }: PendingApproval, given: Given): NewEvent {
  const { verdict, by, reason, at, released, ringed } = given;
  const { digest, endpointsCount, filesCount, requestedBy: asked } = approval;
  const requestedBy = { kind: asked.kind, id: asked.id, name: asked.name };
  return {
    type: verdict === 'bypassed' ? 'approval_bypassed' : 'approval_given',
    at,
    actor: by,
    actionId: action.id,
    facts: {
      ...toldTargets(tasks),
      ...{ verb: action.verb, digest, endpointsCount, filesCount, released, requestedBy, reason },
      ...(ringed > 0 && { ringed }),
      ...(verdict !== 'bypassed' && { how: verdict === 'approved' ? 'second_person' : 'confirmation' }),
    },
  };
}
