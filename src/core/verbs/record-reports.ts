import type { FileOutcome, SignedBytes } from '../action/action.ts';
import type { ActionId, TaskId } from '../action/action-id.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { displayPath, type FilePath } from '../file/file-path.ts';
import { fileGuid, type Guid, quarantineFileGuid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { QuarantineRecord, VaultObjectId } from '../file/quarantine-record.ts';
import { isSuccess, type Outcome, type OutcomeReason } from '../outcome.ts';
import type { Ports } from '../ports/ports.ts';
import type { Restored } from '../ports/store/quarantine.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { TaskPlace } from '../ports/store/tasks.ts';
import type { Milliseconds } from '../time.ts';

/** One file of a report, as the agent's signed words have it. */
export interface FileReport {
  readonly ordinal: number;
  readonly outcome: Outcome;
  readonly reason: OutcomeReason | null;
  readonly message: string;
  readonly path: FilePath | null;
  readonly sha256: Sha256 | null;
  readonly size: number | null;
  readonly vaultObject: VaultObjectId | null;
  readonly losses: readonly string[];
}

/** A report whose signature and speaker the gateway has checked. */
export interface ReceivedReport {
  readonly endpoint: Pick<Endpoint, 'id' | 'number'>;
  readonly actionId: ActionId;
  readonly taskId: TaskId;
  readonly files: readonly FileReport[];
  readonly signed: SignedBytes;
}

export type ReportReceipt = 'recorded' | 'unknown_task';

/**
 * Records how tasks ended, many in one transaction. A report that comes again changes nothing and is `recorded`
 * again: delivery is at least once, recording exactly once. After an error of the store nothing was recorded, and
 * the agents send again.
 * @returns one receipt per report, in their order.
 */
export async function recordReports(
  ports: Pick<Ports, 'store' | 'clock'>,
  reports: readonly ReceivedReport[],
): Promise<readonly ReportReceipt[]> {
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const ids = [...new Set(reports.map((report) => report.taskId))];
    const tasks = new Map((await transaction.tasks.placesOf(ids)).map((task) => [task.id, task]));
    const own = reports.filter((report) => isOwn(report, tasks.get(report.taskId)));
    const finished = await transaction.tasks.finish(
      own.map((report) => ({ id: report.taskId, report: report.signed, acceptedAt: now, endedAt: now })),
    );
    await recordEffects(transaction, onceEach(own, finished), { tasks, now });
    return reports.map((report) => (isOwn(report, tasks.get(report.taskId)) ? 'recorded' : 'unknown_task'));
  });
}

function isOwn(report: ReceivedReport, task: TaskPlace | undefined): boolean {
  return task !== undefined && task.endpointId === report.endpoint.id && task.actionId === report.actionId;
}

/** The reports that really ended a task, each task once. */
function onceEach(reports: readonly ReceivedReport[], finished: readonly TaskId[]): readonly ReceivedReport[] {
  const left = new Set(finished);
  return reports.filter((report) => left.delete(report.taskId));
}

async function recordEffects(
  transaction: Transaction,
  reports: readonly ReceivedReport[],
  { tasks, now }: { readonly tasks: ReadonlyMap<TaskId, TaskPlace>; readonly now: Milliseconds },
): Promise<void> {
  const stored = await storedEvidence(transaction, reports, tasks);
  const isFetch = (report: ReceivedReport) => tasks.get(report.taskId)?.verb === 'fetch';
  const outcomes = new Map(
    reports.map((report) => [report, outcomesOf(isFetch(report) ? onlyStored(report, stored) : report, now)]),
  );
  await transaction.outcomes.put([...outcomes.values()].flat());
  const quarantines = reports.filter((report) => tasks.get(report.taskId)?.verb === 'quarantine');
  const restores = reports.filter((report) => tasks.get(report.taskId)?.verb === 'restore');
  await transaction.quarantine.insert(quarantines.flatMap((report) => quarantinedBy(report, now)));
  await transaction.quarantine.markRestored(restores.flatMap((report) => restoredBy(report, now)));
  const moved = (some: readonly ReceivedReport[]) => some.flatMap((report) => movedFiles(outcomes.get(report) ?? []));
  await transaction.files.setState(moved(quarantines), 'quarantined');
  await transaction.files.setState(moved(restores), 'present');
  await transaction.events.append(reports.map((report) => finishedEvent(report, now)));
}

async function storedEvidence(
  { evidence }: Transaction,
  reports: readonly ReceivedReport[],
  tasks: ReadonlyMap<TaskId, TaskPlace>,
): Promise<ReadonlySet<Sha256>> {
  const fetches = reports.filter(({ taskId }) => tasks.get(taskId)?.verb === 'fetch');
  const claimed = new Set(fetches.flatMap(({ files }) => files.flatMap(({ sha256 }) => sha256 ?? [])));
  if (claimed.size === 0) {
    return new Set();
  }
  return new Set((await evidence.byHashes([...claimed])).map(({ sha256 }) => sha256));
}

/**
 * A fetch is done when its bytes are here, not when an agent says so: one that reports anew to a server restored from an
 * older backup means bytes that this server no longer has.
 */
function onlyStored(report: ReceivedReport, stored: ReadonlySet<Sha256>): ReceivedReport {
  const files = report.files.map((file): FileReport => {
    const isHere = file.sha256 !== null && stored.has(file.sha256);
    return isDone(file) && !isHere
      ? {
          ...file,
          outcome: 'interrupted',
          reason: 'upload_failed',
          message: 'The endpoint sent the file, but its bytes are not on this server. Fetch it again.',
        }
      : file;
  });
  return { ...report, files };
}

function isDone(file: FileReport): boolean {
  return isSuccess(file.outcome);
}

function movedFiles(outcomes: readonly FileOutcome[]): readonly Guid[] {
  return outcomes.flatMap(({ outcome, fileGuid: guid }) => (outcome === 'done' && guid !== null ? [guid] : []));
}

function outcomesOf(report: ReceivedReport, now: Milliseconds): readonly FileOutcome[] {
  return report.files.map((file) => ({
    ...file,
    taskId: report.taskId,
    displayPath: file.path === null ? '' : displayPath(file.path),
    fileGuid: guidOf(report.endpoint, file),
    endedAt: now,
    deliveredAt: null,
  }));
}

/** `already_done` too: a server restored from an old backup learns so of what is in the vaults. */
function quarantinedBy(report: ReceivedReport, now: Milliseconds): readonly QuarantineRecord[] {
  const { endpoint, actionId } = report;
  return report.files.flatMap(({ outcome, path, sha256, size, vaultObject }) => {
    if (!isSuccess(outcome) || path === null || sha256 === null || vaultObject === null) {
      return [];
    }
    const record: QuarantineRecord = {
      vaultObject,
      guid: quarantineFileGuid(endpoint.number, vaultObject),
      fileGuid: fileGuid(endpoint.number, path),
      endpointId: endpoint.id,
      path,
      displayPath: displayPath(path),
      sha256,
      size: size ?? 0,
      actionId,
      quarantinedAt: now,
      state: 'held',
      restoredAt: null,
      restoredBy: null,
    };
    return [record];
  });
}

function restoredBy(report: ReceivedReport, now: Milliseconds): readonly Restored[] {
  return report.files.flatMap(({ outcome, vaultObject }) =>
    isSuccess(outcome) && vaultObject !== null
      ? [{ vaultObject, endpointId: report.endpoint.id, at: now, by: report.actionId }]
      : [],
  );
}

function guidOf(endpoint: Pick<Endpoint, 'number'>, file: FileReport): Guid | null {
  return file.path === null ? null : fileGuid(endpoint.number, file.path);
}

function finishedEvent(report: ReceivedReport, at: Milliseconds): NewEvent {
  const { endpoint, actionId, taskId } = report;
  const files = report.files.map(({ path, outcome, reason, sha256 }) => ({
    path: path === null ? null : displayPath(path),
    outcome,
    reason,
    sha256,
  }));
  const actor = { kind: 'agent', id: endpoint.id, name: endpoint.id } as const;
  return { type: 'task_finished', at, actor, actionId, endpointId: endpoint.id, facts: { taskId, files } };
}
