import type { z } from 'zod';
import type { FileOutcome, Task } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { awaitsConfirmation, wantedAt } from '#core/action/needs-confirmation.ts';
import { obstacleWords } from '#core/action/obstacle-words.ts';
import type { SearchPattern } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { approvalState } from '#core/guard/approval.ts';
import type { DispatchObstacle } from '#core/ports/dispatch.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { EvidenceRecord } from '#core/ports/store/evidence.ts';
import type { Milliseconds } from '#core/time.ts';
import type { DescribedAction, DescribedAttempt, DescribedTask } from '#core/verbs/describe-action.ts';
import { type FollowedAction, progressOf, uploadOf } from '#core/verbs/follow-action.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import { inverseOf } from './inverse-calls.ts';
import type { action, actionProgress, listActions, readAction } from './schemas/action.ts';
import { showApproval } from './show-approval.ts';
import { showEvidenceState } from './show-evidence.ts';
import { showStop } from './show-stop.ts';

type ShownAction = z.input<typeof action>;
type ShownWithTasks = z.input<typeof readAction.reply>;
type ShownTask = ShownWithTasks['tasks'][number];

export function showAction(
  described: Pick<DescribedAction, 'action' | 'status' | 'approval'>,
  now: Milliseconds,
): ShownAction {
  const { approval } = described;
  const { id, verb, principal, claimedInitiator, reason, dialect, incidentId, batchNumber, endpointsCount } =
    described.action;
  return {
    id,
    verb,
    status: described.status,
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    claimedInitiator,
    reason,
    dialect,
    incidentId,
    batchNumber,
    createdAt: instantOf(described.action.createdAt),
    deadline: instantOf(described.action.deadline),
    closedAt: nullableInstantOf(described.action.closedAt),
    endpointsCount,
    approval: approval === null ? null : showApproval(approval, approvalState(approval, now)),
  };
}

/** By what it is judged which orders are too old. */
export interface Judged {
  readonly now: Milliseconds;
  /** As the policy has it. */
  readonly confirmAfter: Milliseconds | null;
}

export function showListed(
  described: DescribedAction,
  judged: Judged,
): z.input<typeof listActions.reply>['items'][number] {
  const [first] = described.tasks;
  const { paths, sha256, undoes, pattern } = first === undefined ? askedNothing : asked(first);
  const { counts, endedCount } = progressOf(described);
  return {
    ...showAction(described, judged.now),
    ...{ counts: { ...counts }, endedCount, unconfirmedCount: countUnconfirmed(described, judged) },
    about: { path: paths[0] ?? null, pathsCount: paths.length, sha256, undoes, pattern },
  };
}

function countUnconfirmed({ tasks }: DescribedAction, { confirmAfter, now }: Judged): number {
  return tasks.filter(({ task }) => awaitsConfirmation(task, confirmAfter, now)).length;
}

export function showProgress(progress: FollowedAction, now: Milliseconds): z.input<typeof actionProgress> {
  const { counts, endedCount, upload } = progress;
  return { ...showAction(progress, now), counts: { ...counts }, endedCount, upload };
}

/** What is known around an action's tasks. */
export interface TaskSurroundings extends Judged, Pick<Ports, 'uploadProgress'> {
  readonly hostNames: ReadonlyMap<EndpointId, string>;
  readonly waiting: ReadonlyMap<TaskId, DispatchObstacle>;
  /** What became of the bytes that it fetched, by their hash. */
  readonly evidence: ReadonlyMap<string, EvidenceRecord>;
}

export function showTasks(described: DescribedAction, around: TaskSurroundings): Omit<ShownWithTasks, 'rollout'> {
  return {
    ...showAction(described, around.now),
    unconfirmedCount: countUnconfirmed(described, around),
    upload: uploadOf(around, described.tasks),
    inverse: inverseOf(described),
    tasks: described.tasks.map((task) => showTask(task, around)),
  };
}

function showTask(described: DescribedTask, around: TaskSurroundings): ShownTask {
  const { hostNames, waiting, evidence } = around;
  const obstacle = waiting.get(described.task.id);
  const { task, status, outcomes } = described;
  return {
    id: task.id,
    attempt: described.earlier.length + 1,
    endpointId: task.endpointId,
    hostName: hostNames.get(task.endpointId) ?? null,
    state: task.state,
    status,
    waitsFor: obstacle === undefined ? null : { reason: obstacle, message: obstacleWords[obstacle] },
    unconfirmed: showUnconfirmed(task, around),
    upload: uploadOf(around, [described]),
    ...asked(described),
    deadline: instantOf(task.deadline),
    acceptedAt: nullableInstantOf(task.acceptedAt),
    endedAt: nullableInstantOf(task.endedAt),
    stop: showStop(described),
    files: outcomes.map((outcome) => showOutcome(outcome, evidence)),
    earlier: described.earlier.map((attempt, index) => showAttempt(attempt, { attempt: index + 1, evidence })),
  };
}

function showUnconfirmed(task: Task, { confirmAfter, now }: Judged): ShownTask['unconfirmed'] {
  return awaitsConfirmation(task, confirmAfter, now)
    ? { wantedAt: instantOf(wantedAt(task)), keptBackAt: nullableInstantOf(task.confirmationAwaitedAt) }
    : null;
}

function showAttempt(
  { task, status, outcomes }: DescribedAttempt,
  { attempt, evidence }: Pick<TaskSurroundings, 'evidence'> & { readonly attempt: number },
): ShownTask['earlier'][number] {
  return {
    ...{ id: task.id, attempt, retriedBy: task.retriedBy, state: task.state, status },
    deadline: instantOf(task.deadline),
    acceptedAt: nullableInstantOf(task.acceptedAt),
    endedAt: nullableInstantOf(task.endedAt),
    files: outcomes.map((outcome) => showOutcome(outcome, evidence)),
  };
}

type Asked = Pick<ShownTask, 'paths' | 'sha256' | 'undoes' | 'pattern' | 'options'>;

const askedNothing: Asked = { paths: [], sha256: null, undoes: null, pattern: null, options: {} };

function asked({ task: { parameters } }: DescribedTask): Asked {
  switch (parameters.verb) {
    case 'fetch':
      return { ...askedNothing, paths: parameters.files.map((file) => displayPath(file.path)) };
    case 'quarantine': {
      const { path, sha256, overrideProtection } = parameters;
      return { ...askedNothing, paths: shownPaths(path), sha256, options: { overrideProtection } };
    }
    case 'restore': {
      const { to, sha256, ifOccupied, vaultObject } = parameters;
      return { ...askedNothing, paths: shownPaths(to), sha256, options: { ifOccupied, ...objectOf(vaultObject) } };
    }
    case 'plan': {
      const { to, sha256, vaultObject } = parameters;
      return { ...askedNothing, paths: shownPaths(to), sha256, options: objectOf(vaultObject) };
    }
    case 'restore_objects':
      return {
        ...askedNothing,
        paths: parameters.objects.flatMap(({ to }) => shownPaths(to)),
        sha256: parameters.sha256,
      };
    case 'purge':
      return { ...askedNothing, sha256: parameters.sha256, options: objectOf(parameters.vaultObject) };
    case 'undo':
      return { ...askedNothing, undoes: parameters.actionId, options: { ifOccupied: parameters.ifOccupied } };
    case 'logs':
    case 'scan':
      return askedNothing;
    case 'search': {
      const { under, pattern, live, limit } = parameters;
      return { ...askedNothing, paths: shownPaths(under), pattern: shownPattern(pattern), options: { live, limit } };
    }
  }
}

function objectOf(vaultObject: VaultObjectId | VaultObjectId[] | null): Asked['options'] {
  if (Array.isArray(vaultObject)) {
    return { vaultObjects: vaultObject };
  }
  return vaultObject === null ? {} : { vaultObject };
}

function shownPattern(pattern: SearchPattern): ShownTask['pattern'] {
  return pattern.by === 'path' ? { by: pattern.by, path: displayPath(pattern.path) } : pattern;
}

function shownPaths(path: FilePath | null): string[] {
  return path === null ? [] : [displayPath(path)];
}

function showOutcome(outcome: FileOutcome, evidence: TaskSurroundings['evidence']): ShownTask['files'][number] {
  const stored = outcome.outcome === 'done' ? evidence.get(outcome.sha256 ?? '') : undefined;
  return {
    taskId: outcome.taskId,
    ordinal: outcome.ordinal,
    outcome: outcome.outcome,
    reason: outcome.reason,
    message: outcome.message,
    path: outcome.path === null ? null : outcome.displayPath,
    guid: outcome.fileGuid,
    sha256: outcome.sha256,
    size: outcome.size,
    vaultObject: outcome.vaultObject,
    effect: outcome.effect,
    losses: [...outcome.losses],
    details: outcome.details,
    endedAt: instantOf(outcome.endedAt),
    deliveredAt: nullableInstantOf(outcome.deliveredAt),
    evidence: stored === undefined ? null : showEvidenceState(stored),
  };
}
