import type { Action, FileOutcome, Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { OccupiedPolicy, Verb } from '../action/verb.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { Ports } from '../ports/ports.ts';
import type { TakenObject } from '../ports/store/quarantine.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { cancelWithin } from './cancel-action.ts';
import { demandNotBlocked } from './demand-not-blocked.ts';
import { type Origin, openAction, type Target } from './open-action.ts';
import { supersede } from './supersede-quarantines.ts';

export interface UndoAction {
  readonly origin: Origin;
  /** The quarantine. */
  readonly actionId: ActionId;
  /** Default: `fail`. */
  readonly ifOccupied?: OccupiedPolicy | undefined;
  /** Puts blocked hashes of what it took on the allow list first; needs a permission of its own. */
  readonly allow?: boolean | undefined;
}

export interface UndoneAction {
  /** What gives the files back; null where no agent took one, or may have: then the order was merely withdrawn. */
  readonly undo: Action | null;
  /** Endpoints that never had the order, and never will. */
  readonly withdrawn: number;
  /** Endpoints that have the order and were asked not to begin; each gives back what it took nevertheless. */
  readonly asked: number;
  /** Endpoints that were removed since: no order reaches their vaults. */
  readonly removed: number;
}

/**
 * Takes a whole quarantine back: what of it is open is withdrawn, and every endpoint that took something, or may have, puts
 * everything that this very order took back to where it was; those that are away when they return. All in one transaction, so that
 * nothing of the quarantine can begin after it. What others quarantined stays where it is. It is never held for an approval. Repeated, it ends `already_done`.
 * @throws Fault `not_found`; `invalid_request` for an action that is no quarantine; `no_target` for one that took nothing; `conflict`
 * for a hash that is blocked; `permission_denied` for an `allow` by who may not; `timeout`
 */
export async function undoAction(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: UndoAction,
): Promise<UndoneAction> {
  const order = (transaction: Transaction) => undoWithin(ports, transaction, request);
  const { ring, ...undone } = await ports.store.transact(order, { fleetWide: true });
  ports.doorbell.ring(ring);
  return undone;
}

async function undoWithin(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  transaction: Transaction,
  request: UndoAction,
): Promise<UndoneAction & { readonly ring: readonly EndpointId[] }> {
  const { origin, actionId, ifOccupied = 'fail', allow = false } = request;
  await demandQuarantine(transaction, actionId);
  const tasks = await transaction.tasks.byAction(actionId);
  const taken = await transaction.quarantine.takenBy({ actionIds: [actionId] });
  const named = tasks.flatMap(({ parameters }) => ('sha256' in parameters ? (parameters.sha256 ?? []) : []));
  const hashes = [...named, ...taken.map(({ sha256 }) => sha256)];
  await demandNotBlocked(ports, transaction, { origin, hashes, allow });
  const concerned = await concernedTasks(transaction, tasks, taken);
  const revoked = new Set(await transaction.endpoints.revokedAmong(concerned.map(({ endpointId }) => endpointId)));
  const reached = concerned.filter(({ endpointId }) => !revoked.has(endpointId));
  const removed = revoked.size;
  if (reached.length === 0) {
    const { withdrawn } = await cancelWithin(transaction, {
      by: origin.principal,
      id: actionId,
      at: ports.clock.now(),
    });
    demandSomething(withdrawn, removed);
    return { undo: null, withdrawn, asked: 0, removed, ring: [] };
  }
  const targets = reached.map(
    ({ endpointId, id: taskId }): Target => ({
      endpointId,
      parameters: { verb: 'undo', actionId, taskId, ifOccupied },
    }),
  );
  const undo = await openAction(ports, transaction, { origin, targets, facts: { undoes: actionId } });
  const { withdrawn, asked } = await supersede(transaction, undo, tasks);
  return { undo, withdrawn, asked: asked.length, removed, ring: targets.map(({ endpointId }) => endpointId) };
}

async function demandQuarantine({ actions }: Pick<Reader, 'actions'>, id: ActionId): Promise<void> {
  const action = await actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  const instead = insteadOfUndo[action.verb];
  if (instead !== null) {
    throw new Fault('invalid_request', instead, { details: { field: 'actionId', verb: action.verb } });
  }
}

/** What to do where an action is no quarantine; null: it is one. */
const insteadOfUndo: Readonly<Record<Verb, string | null>> = {
  quarantine: null,
  restore: 'A restore is taken back by a quarantine: quarantine the file by its hash.',
  restore_objects: 'A restore is taken back by a quarantine: quarantine the files by their hash.',
  undo: 'An undo is taken back by a quarantine: quarantine the files once more.',
  purge: 'What was purged is gone for good; cancel the purge, where it has not begun.',
  plan: 'A plan changes nothing on an endpoint; cancel it.',
  fetch: 'A fetch changes nothing on an endpoint; cancel it, or delete the evidence.',
  search: 'A search changes nothing on an endpoint; cancel it.',
  logs: 'A fetch of logs changes nothing on an endpoint; cancel it.',
  scan: 'A scan changes nothing on an endpoint; cancel it.',
};

/** Of the tasks of the quarantine, those whose agents are asked. Where all was given back before, those are asked again. */
async function concernedTasks(
  reader: Pick<Reader, 'outcomes' | 'endpoints'>,
  tasks: readonly Task[],
  taken: readonly TakenObject[],
): Promise<readonly Task[]> {
  const finished = tasks.filter(({ state }) => state === 'finished').map(({ id }) => id);
  const outcomes = Map.groupBy(await reader.outcomes.byTasks(finished), ({ taskId }) => taskId);
  const holding = endpointsOf(taken.filter(({ state }) => state === 'held' || state === 'lost'));
  const silent = tasks.filter(({ state, acceptedAt }) => state === 'expired' && acceptedAt === null);
  const endpoints = await reader.endpoints.byIds(silent.map(({ endpointId }) => endpointId));
  const present = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const concerned = tasks.filter(
    (task) =>
      holding.has(task.endpointId) ||
      mayHaveTaken(task, { outcomes: outcomes.get(task.id) ?? [], endpoint: present.get(task.endpointId) }),
  );
  const formerly = endpointsOf(taken);
  return concerned.length > 0 ? concerned : tasks.filter(({ endpointId }) => formerly.has(endpointId));
}

function endpointsOf(objects: readonly TakenObject[]): ReadonlySet<EndpointId> {
  return new Set(objects.map(({ endpointId }) => endpointId));
}

/** Beside what the records of vaults say: whether there may be something that they do not know of. */
function mayHaveTaken(
  task: Task,
  { outcomes, endpoint }: { readonly outcomes: readonly FileOutcome[]; readonly endpoint: Endpoint | undefined },
): boolean {
  switch (task.state) {
    case 'held':
    case 'pending':
    case 'cancelled':
      return false;
    case 'sent':
    case 'running':
    case 'cancelling':
      return true;
    case 'expired':
      return task.acceptedAt !== null || wasThere(endpoint, task);
    case 'finished':
      return outcomes.some(isDoubtful);
  }
}

/** The order may have left, with the answer lost. */
function wasThere(endpoint: Endpoint | undefined, { createdAt }: Task): boolean {
  return endpoint !== undefined && Math.max(endpoint.lastSeen, endpoint.connectedUntil ?? 0) >= createdAt;
}

function isDoubtful({ outcome, reason }: FileOutcome): boolean {
  return leavesDoubt[outcome] && !(reason !== null && beforeTaking.includes(reason));
}

/** After which endings a file may be in the vault, or on its way there, without a record of it. */
const leavesDoubt: Readonly<Record<Outcome, boolean>> = {
  done: false,
  already_done: false,
  not_found: false,
  hash_mismatch: false,
  in_use: true,
  conflict: true,
  parent_missing: false,
  no_space: true,
  access_denied: true,
  unsupported: false,
  too_large: false,
  refused: false,
  expired: false,
  cancelled: false,
  interrupted: true,
  agent_error: true,
};

/** Agents find these before they touch anything. */
const beforeTaking: readonly OutcomeReason[] = ['protected_file', 'special_file', 'denied_by_policy', 'vault_full'];

function demandSomething(withdrawn: number, removed: number): void {
  if (withdrawn === 0) {
    const message =
      removed === 0
        ? 'The action took nothing that could be given back.'
        : `What the action took is on ${removed} endpoints that were removed since: no order reaches them.`;
    throw new Fault('no_target', message);
  }
}
