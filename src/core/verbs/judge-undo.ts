import type { Action, FileOutcome, Task } from '../action/action.ts';
import type { ActionId, TaskId } from '../action/action-id.ts';
import { hasEnded } from '../action/action-status.ts';
import type { UndoRefusal } from '../action/undo-refusal.ts';
import type { Verb } from '../action/verb.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FaultDetails } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { ListedHash } from '../list/listed-hash.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { TakenObject } from '../ports/store/quarantine.ts';
import type { Reader } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { blockedAmong, blockedDetails, blockedWords } from './demand-not-blocked.ts';

export interface PossibleUndo {
  readonly kind: 'possible';
  readonly actionId: ActionId;
  /** Every attempt of the quarantine. */
  readonly tasks: readonly Task[];
  /** Those whose agents give back what they took; none: the quarantine is merely withdrawn. */
  readonly reached: readonly Task[];
  /** Endpoints that took something, or may have, and were removed since. */
  readonly removed: number;
  /** Hashes that must be put on the allow list first; only where that is allowed. */
  readonly blocked: readonly Sha256[];
}

export interface RefusedUndo {
  readonly kind: 'refused';
  readonly actionId: ActionId;
  readonly why: UndoRefusal;
  readonly message: string;
  readonly details: FaultDetails;
}

export interface JudgeUndos {
  readonly actions: readonly Action[];
  /** Blocked hashes are put on the allow list, so that they refuse nothing. */
  readonly allow: boolean;
  readonly now: Milliseconds;
}

/** What undoing each of these actions comes to, in their order, before anything is written. In few questions to the store. */
export async function judgeUndos(
  reader: Pick<Reader, 'tasks' | 'outcomes' | 'endpoints' | 'quarantine' | 'files' | 'hashLists'>,
  { actions, allow, now }: JudgeUndos,
): Promise<readonly (PossibleUndo | RefusedUndo)[]> {
  const actionIds = actions.filter(({ verb }) => insteadOfUndo[verb] === null).map(({ id }) => id);
  const tasks = await reader.tasks.byActions(actionIds);
  const taken = await reader.quarantine.takenBy({ actionIds });
  const known = {
    tasks: Map.groupBy(tasks, ({ actionId }) => actionId),
    taken: Map.groupBy(taken, ({ actionId }) => actionId),
    blocked: await blockedAmong(reader, [...named(tasks), ...taken.map(({ sha256 }) => sha256)], now),
    ...(await doubtsOf(reader, tasks)),
    revoked: new Set(await reader.endpoints.revokedAmong([...new Set(tasks.map(({ endpointId }) => endpointId))])),
    ...{ allow, now },
  };
  return actions.map((action) => judge(action, known));
}

interface Known extends Doubts {
  readonly tasks: ReadonlyMap<ActionId, readonly Task[]>;
  readonly taken: ReadonlyMap<ActionId, readonly TakenObject[]>;
  readonly blocked: ReadonlyMap<Sha256, ListedHash>;
  readonly revoked: ReadonlySet<EndpointId>;
  readonly allow: boolean;
  readonly now: Milliseconds;
}

function judge({ id: actionId, verb }: Action, known: Known): PossibleUndo | RefusedUndo {
  const refused = (why: UndoRefusal, message: string, details: FaultDetails = {}) =>
    ({ kind: 'refused', ...{ actionId, why, message, details } }) as const;
  const instead = insteadOfUndo[verb];
  if (instead !== null) {
    return refused('not_a_quarantine', instead, { field: 'actionId', verb });
  }
  const tasks = known.tasks.get(actionId) ?? [];
  const taken = known.taken.get(actionId) ?? [];
  const hashes = new Set([...named(tasks), ...taken.map(({ sha256 }) => sha256)]);
  const blocked = [...hashes].filter((hash) => known.blocked.has(hash));
  const [entry] = blocked.flatMap((hash) => known.blocked.get(hash) ?? []);
  if (entry !== undefined && !known.allow) {
    return refused('blocked', blockedWords(entry), blockedDetails(entry));
  }
  const concerned = concernedTasks(tasks, taken, known);
  const reached = concerned.filter(({ endpointId }) => !known.revoked.has(endpointId));
  const removed = new Set(concerned.map(({ endpointId }) => endpointId)).intersection(known.revoked).size;
  if (reached.length === 0 && tasks.every((task) => hasEnded(task, known.now))) {
    return removed === 0
      ? refused('nothing_taken', 'The action took nothing that could be given back.')
      : refused(
          'removed',
          `What the action took is on ${removed} endpoints that were removed since: no order reaches them.`,
        );
  }
  return { kind: 'possible', actionId, tasks, reached, removed, blocked };
}

/** The hashes that orders name. */
function named(tasks: readonly Task[]): readonly Sha256[] {
  return tasks.flatMap(({ parameters }) => ('sha256' in parameters ? (parameters.sha256 ?? []) : []));
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

/** What tells whether an agent may hold something that no record knows of. */
interface Doubts {
  readonly outcomes: ReadonlyMap<TaskId, readonly FileOutcome[]>;
  /** Of orders that expired and were never accepted. */
  readonly present: ReadonlyMap<EndpointId, Endpoint>;
}

async function doubtsOf(reader: Pick<Reader, 'outcomes' | 'endpoints'>, tasks: readonly Task[]): Promise<Doubts> {
  const finished = tasks.filter(({ state }) => state === 'finished').map(({ id }) => id);
  const outcomes = Map.groupBy(await reader.outcomes.byTasks(finished), ({ taskId }) => taskId);
  const silent = tasks.filter(({ state, acceptedAt }) => state === 'expired' && acceptedAt === null);
  const endpoints = await reader.endpoints.byIds(silent.map(({ endpointId }) => endpointId));
  return { outcomes, present: new Map(endpoints.map((endpoint) => [endpoint.id, endpoint])) };
}

/** Of the tasks of the quarantine, those whose agents are asked. Where all was given back before, those are asked again. */
function concernedTasks(
  tasks: readonly Task[],
  taken: readonly TakenObject[],
  { outcomes, present }: Doubts,
): readonly Task[] {
  const holding = endpointsOf(taken.filter(({ state }) => state === 'held' || state === 'lost'));
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
