import type { Action, Task } from '../action/action.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import type { Approval } from '../guard/approval.ts';
import { approvalDigest } from '../guard/approval-digest.ts';
import type { BrokenRule } from '../guard/guard.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { countFiles } from './end-files.ts';
import { personBehind } from './person-behind.ts';
import { toldTargets } from './told-targets.ts';

/** An action, or a retry of one, whose tasks were just written as held. */
export interface HeldAction {
  /** Of a retry, with who asked for it, when, and until when it can be approved. */
  readonly action: Action;
  readonly tasks: readonly Task[];
  readonly rules: readonly BrokenRule[];
  /** How long it waits for its endpoints once it is approved. */
  readonly lifetime: Milliseconds;
}

/** Writes, for each, what has to be approved, and the event that says so. Inside the transaction that opens them. */
export async function requestApprovals(
  transaction: Pick<Transaction, 'approvals' | 'credentials' | 'events'>,
  held: readonly HeldAction[],
): Promise<void> {
  if (held.length === 0) {
    return;
  }
  const people = new Map<string, string | null>();
  const approvals: Omit<Approval, 'decision'>[] = [];
  for (const each of held) {
    const { kind, id } = each.action.principal;
    const key = `${kind} ${id}`;
    const known = people.get(key);
    const requester = known === undefined ? await personBehind(transaction, each.action.principal) : known;
    people.set(key, requester);
    approvals.push(approvalOf(each, requester));
  }
  await transaction.approvals.insert(approvals);
  await transaction.events.append(
    approvals.map((approval, index) => requestedEvent(approval, held[index]?.tasks ?? [])),
  );
}

function approvalOf(
  { action, tasks, rules, lifetime }: HeldAction,
  requester: string | null,
): Omit<Approval, 'decision'> {
  const terms = { expiresAt: action.deadline, lifetime };
  return {
    actionId: action.id,
    round: tasks[0]?.round ?? 1,
    rules,
    endpointsCount: tasks.length,
    filesCount: tasks.reduce((sum, task) => sum + countFiles(task), 0),
    digest: approvalDigest({ action, terms, tasks }),
    requestedBy: action.principal,
    requester,
    requestedAt: action.createdAt,
    ...terms,
  };
}

function requestedEvent(approval: Omit<Approval, 'decision'>, tasks: readonly Task[]): NewEvent {
  const { actionId, rules, endpointsCount, filesCount, digest, expiresAt } = approval;
  return {
    type: 'approval_requested',
    at: approval.requestedAt,
    actor: approval.requestedBy,
    actionId,
    facts: { ...toldTargets(tasks), rules: rules.map(toldRule), endpointsCount, filesCount, digest, expiresAt },
  };
}

function toldRule({ rule, count, limit }: BrokenRule): Json {
  return { rule, count, limit };
}
