import { demandPermission } from '../access/principal.ts';
import type { Action, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { permissionsFor } from '../action/permission-for.ts';
import type { NewEvent } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import { approvalState } from '../guard/approval.ts';
import type { BrokenRule } from '../guard/guard.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { demandEvidenceStorage } from './demand-evidence-storage.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { countFiles } from './end-files.ts';
import { judgeOrders } from './judge-orders.ts';
import { newTask, type Origin } from './open-action.ts';
import { planRings } from './plan-rings.ts';
import { storedLifetimes } from './read-lifetimes.ts';
import { requestApprovals } from './request-approvals.ts';
import { type ChosenEndpoints, type LeftEndpoints, type Retry, retryTargets } from './retry-targets.ts';
import { supersedeQuarantines } from './supersede-quarantines.ts';
import { toldTargets } from './told-targets.ts';

export interface RetryAction extends ChosenEndpoints {
  /** Who asks, through what, and why. */
  readonly origin: Pick<Origin, 'principal' | 'dialect' | 'reason'>;
}

export interface RetriedAction {
  readonly action: Action;
  /** What is tried again; of each endpoint the files that failed, or, where an order goes by a hash, one. */
  readonly endpoints: number;
  readonly files: number;
  /** It is too wide for one person: it waits for a second one, and no endpoint is told before. */
  readonly isHeld: boolean;
  /** Endpoints that were left as they are. */
  readonly left: LeftEndpoints;
}

type RetryPorts = Pick<Ports, 'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell'>;

/**
 * Tries again what an action did not do, as another round of tasks of the same action: of a fetch the files that did not come, of
 * everything else the same order again. What was done before stays done, and each earlier attempt stays as it was left, with its report.
 * To the guard it is a new order of just that width, and its deadline is counted from now.
 * @throws Fault `not_found`; `permission_denied` for who may not order the same; `no_target` for an endpoint that the action was not ordered
 * for; `conflict` where nothing can be retried, while the action waits for a second person, of a fetch that was closed, and of a restore whose
 * hash is blocked; `evidence_unavailable`, `timeout`
 */
export async function retryAction(ports: RetryPorts, request: RetryAction): Promise<RetriedAction> {
  const action = await ports.store.read(({ actions }) => actions.byId(request.actionId));
  if (action?.verb === 'fetch' || action?.verb === 'logs') {
    await demandEvidenceStorage(ports);
  }
  const retry = (transaction: Transaction) => retryIn(ports, transaction, request);
  const { rings, retried } = await ports.store.transact(retry, { fleetWide: request.endpointIds === undefined });
  ports.doorbell.ring(rings);
  return retried;
}

async function retryIn(ports: RetryPorts, transaction: Transaction, request: RetryAction) {
  const { origin, actionId } = request;
  const action = await demandRetriable(transaction, actionId, ports.clock.now());
  const { asked, retries, left } = await retryTargets(transaction, request);
  for (const permission of new Set(asked.flatMap(permissionsFor))) {
    demandPermission(origin.principal, permission);
  }
  demandAny(retries, left, action);
  const { kind, id, name } = origin.principal;
  const newWord = { ...action, principal: { kind, id, name }, createdAt: ports.clock.now() };
  await settleReturn(ports, transaction, { origin, retries, newWord });
  const rules = (await judgeOrders(ports, transaction, [{ origin, targets: retries }])).values().next().value ?? [];
  const tasks = await openRound(ports, transaction, { origin, action: newWord, retries, rules });
  return {
    rings: tasks.map(({ endpointId }) => endpointId),
    retried: {
      action,
      endpoints: new Set(tasks.map(({ endpointId }) => endpointId)).size,
      files: tasks.reduce((sum, task) => sum + countFiles(task), 0),
      isHeld: rules.length > 0,
      left,
    },
  };
}

async function demandRetriable(
  { actions, approvals }: Pick<Transaction, 'actions' | 'approvals'>,
  id: ActionId,
  now: Milliseconds,
): Promise<Action> {
  const action = await actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  if (action.closedAt !== null) {
    throw new Fault('conflict', `The fetch ${id} was closed: its files are shown no more. Order what is missing anew.`);
  }
  const approval = await approvals.byAction(id);
  if (approval !== undefined && approvalState(approval, now) === 'waiting') {
    throw new Fault('conflict', `Action ${id} waits for a second person: retry it once that is decided.`);
  }
  return action;
}

function demandAny(retries: readonly Retry[], { open, succeeded, removed }: LeftEndpoints, { id }: Action): void {
  if (retries.length > 0) {
    return;
  }
  const why = [
    ...(open.length > 0 ? [`${open.length} of its endpoints have not ended yet`] : []),
    ...(succeeded.length > 0 ? [`nothing failed on ${succeeded.length} of them`] : []),
    ...(removed.length > 0 ? [`${removed.length} were removed`] : []),
  ];
  const details = { open: open.length, succeeded: succeeded.length, removed: removed.length };
  throw new Fault('conflict', `Nothing of action ${id} can be retried: ${why.join(', ')}.`, { details });
}

interface Settling {
  readonly origin: RetryAction['origin'];
  readonly retries: readonly Retry[];
  readonly newWord: Action;
}

/** What is given back anew is as new a word as at first: the same may stop it, and the same gives way to it. */
async function settleReturn(
  ports: Pick<Ports, 'clock'>,
  transaction: Transaction,
  { origin, retries, newWord }: Settling,
): Promise<void> {
  await demandNotBlocked(ports, transaction, {
    ...{ origin, allow: false },
    hashes: await returningHashes(transaction, retries),
  });
  const byHash = Map.groupBy(retries, ({ parameters }) =>
    parameters.verb === 'restore' && parameters.vaultObject === null ? parameters.sha256 : null,
  );
  for (const [sha256, group] of byHash) {
    if (sha256 !== null) {
      const places = new Set(group.map(({ endpointId }) => endpointId));
      const unsettled = await transaction.tasks.unsettledQuarantines(sha256);
      const inTheWay = unsettled.filter(({ endpointId }) => places.has(endpointId));
      await supersedeQuarantines(transaction, newWord, inTheWay);
    }
  }
}

async function returningHashes(
  { quarantine }: Pick<Transaction, 'quarantine'>,
  retries: readonly Retry[],
): Promise<readonly Sha256[]> {
  const named = retries.flatMap(({ parameters }) =>
    parameters.verb === 'restore' || parameters.verb === 'restore_objects' ? [parameters.sha256] : [],
  );
  const undone = retries.flatMap(({ parameters }) => (parameters.verb === 'undo' ? [parameters.actionId] : []));
  const actionIds = [...new Set(undone)];
  const taken = actionIds.length === 0 ? [] : await quarantine.takenBy({ actionIds });
  return [...named, ...taken.map(({ sha256 }) => sha256)];
}

interface Round {
  readonly origin: RetryAction['origin'];
  /** With who asks for the retry, and when. */
  readonly action: Action;
  readonly retries: readonly Retry[];
  readonly rules: readonly BrokenRule[];
}

async function openRound(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  { origin, action, retries, rules }: Round,
): Promise<readonly Task[]> {
  const now = action.createdAt;
  const lifetime = (await storedLifetimes(transaction))[action.verb] ?? ports.policy.lifetime[action.verb];
  const deadline = now + (rules.length > 0 ? ports.policy.guard.patience : lifetime);
  const round = await transaction.actions.beginRound(action.id, deadline);
  const state = rules.length > 0 ? 'held' : 'pending';
  const waiting = { ...action, deadline };
  const opened = retries.map((retry): readonly [Task, Task] => {
    const task = newTask(ports, waiting, { target: retry, ordinal: retry.old.ordinal, state });
    return [retry.old, { ...task, round }];
  });
  const tasks = opened.map(([, task]) => task);
  await transaction.tasks.insert(tasks);
  const moved = await transaction.tasks.markRetried(opened.map(([{ id }, task]) => ({ id, retriedBy: task.id })));
  if (moved.length < tasks.length) {
    throw new Fault('conflict', `Action ${action.id} was retried by somebody else at this moment: look at it again.`);
  }
  await transaction.events.append([retriedEvent({ reason: origin.reason, action, tasks, round, state })]);
  if (rules.length > 0) {
    await requestApprovals(transaction, [{ action: waiting, tasks, rules, lifetime }]);
    await planRings(ports.policy.rings, transaction, [{ action: waiting, tasks }]);
  }
  return tasks;
}

interface Told {
  readonly reason: string | undefined;
  readonly action: Action;
  readonly tasks: readonly Task[];
  readonly round: number;
  readonly state: 'held' | 'pending';
}

function retriedEvent({ reason, action, tasks, round, state }: Told): NewEvent {
  return {
    type: 'action_retried',
    at: action.createdAt,
    actor: action.principal,
    actionId: action.id,
    facts: {
      ...toldTargets(tasks),
      ...{ verb: action.verb, round, reason: reason?.toWellFormed() ?? null },
      ...(state === 'held' && { state }),
    },
  };
}
