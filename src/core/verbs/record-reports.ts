import { createHash } from 'node:crypto';
import type { FileOutcome } from '../action/action.ts';
import type { TaskId } from '../action/action-id.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { displayPath } from '../file/file-path.ts';
import { fileGuid, type Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import { isSuccess } from '../outcome.ts';
import type { Ports } from '../ports/ports.ts';
import type { ClaimPlace } from '../ports/store/evidence.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { TaskPlace } from '../ports/store/tasks.ts';
import type { Milliseconds } from '../time.ts';
import { readNothingToRestore } from './nothing-to-restore.ts';
import type { FileReport, ReceivedReport } from './received-report.ts';
import { type EndedTask, recordVaultEffects } from './vault-effects.ts';

export type ReportReceipt = 'recorded' | 'unknown_task';

/**
 * Records how tasks ended, many in one transaction. A report that comes again changes nothing and is `recorded`
 * again: delivery is at least once, recording exactly once. After an error of the store nothing was recorded, and
 * the agents send again.
 * @returns one receipt per report, in their order.
 */
export async function recordReports(
  ports: Pick<Ports, 'store' | 'clock'>,
  received: readonly ReceivedReport[],
): Promise<readonly ReportReceipt[]> {
  const now = ports.clock.now();
  const reports = received.map(inOrder);
  return ports.store.transact(async (transaction) => {
    const ids = [...new Set(reports.map((report) => report.taskId))];
    const tasks = new Map((await transaction.tasks.placesOf(ids)).map((task) => [task.id, task]));
    const own = reports.filter((report) => isOwn(report, tasks.get(report.taskId)));
    const finished = await transaction.tasks.finish(
      own.map((report) => ({ id: report.taskId, report: report.signed, acceptedAt: now, endedAt: now })),
    );
    const ended = onceEach(own, finished).flatMap((report) => endedBy(report, tasks.get(report.taskId)));
    await recordEnds(transaction, await readNothingToRestore(transaction, ended), now);
    return reports.map((report) => (isOwn(report, tasks.get(report.taskId)) ? 'recorded' : 'unknown_task'));
  });
}

/** Files may come in any order; the record has them by their numbers, as they are read. */
function inOrder(report: ReceivedReport): ReceivedReport {
  return { ...report, files: report.files.toSorted((one, other) => one.ordinal - other.ordinal) };
}

function isOwn(report: ReceivedReport, task: TaskPlace | undefined): boolean {
  return task !== undefined && task.endpointId === report.endpoint.id && task.actionId === report.actionId;
}

/** The reports that really ended a task, each task once. */
function onceEach(reports: readonly ReceivedReport[], finished: readonly TaskId[]): readonly ReceivedReport[] {
  const left = new Set(finished);
  return reports.filter((report) => left.delete(report.taskId));
}

function endedBy(report: ReceivedReport, task: TaskPlace | undefined): readonly EndedTask[] {
  return task === undefined ? [] : [{ report: withCause(report, task), task }];
}

/** The agent knows that it was asked not to begin, and not why. */
function withCause(report: ReceivedReport, { supersededBy }: TaskPlace): ReceivedReport {
  if (supersededBy === null) {
    return report;
  }
  const message = `The order was superseded by the newer action ${supersededBy} before the agent began; nothing was done.`;
  const files = report.files.map(
    (file): FileReport =>
      file.outcome === 'cancelled' && file.reason === 'withdrawn' ? { ...file, reason: 'superseded', message } : file,
  );
  return { ...report, files };
}

async function recordEnds(transaction: Transaction, claimed: readonly EndedTask[], now: Milliseconds): Promise<void> {
  const stored = await storedEvidence(transaction, claimed);
  // Once for all that is recorded: what the tables say and what the ledger says must be the same.
  const ended = claimed.map((each) =>
    sendsFiles(each.task) ? { ...each, report: onlyStored(each.report, stored) } : each,
  );
  const outcomes = ended.flatMap(({ report }) => outcomesOf(report, now));
  await transaction.outcomes.put(outcomes);
  await claimRest(transaction, outcomes, stored);
  await recordVaultEffects(transaction, ended, now);
  await transaction.events.append(ended.map((each) => finishedEvent(each, now)));
}

/** The sizes of contents that are held, by their hashes. */
type StoredSizes = ReadonlyMap<Sha256, number>;

async function storedEvidence({ evidence }: Transaction, ended: readonly EndedTask[]): Promise<StoredSizes> {
  const fetches = ended.filter(({ task }) => sendsFiles(task));
  const claimed = new Set(fetches.flatMap(({ report }) => report.files.flatMap(({ sha256 }) => sha256 ?? [])));
  if (claimed.size === 0) {
    return new Map();
  }
  const known = await evidence.byHashes([...claimed]);
  return new Map(known.filter(({ deletion }) => deletion === null).map(({ sha256, size }) => [sha256, size]));
}

/** Whatever is told to be done needs its bytes, though nothing was sent or offered for it. */
async function claimRest(
  { evidence }: Transaction,
  outcomes: readonly FileOutcome[],
  stored: StoredSizes,
): Promise<void> {
  const claims = outcomes.flatMap(({ sha256, taskId, ordinal, outcome, endedAt: at }) =>
    sha256 !== null && stored.has(sha256) && isSuccess(outcome) ? [{ sha256, taskId, ordinal, at }] : [],
  );
  const known = new Set((await evidence.claimedAmong(claims)).map(nameOf));
  for (const claim of claims.filter((each) => !known.has(nameOf(each)))) {
    await evidence.claim(claim);
  }
}

function nameOf({ sha256, taskId, ordinal }: ClaimPlace): string {
  return `${sha256} ${taskId} ${ordinal}`;
}

function sendsFiles({ verb }: TaskPlace): boolean {
  return verb === 'fetch' || verb === 'logs';
}

/**
 * A fetch is done when its bytes are here, not when an agent says so: one that reports anew to a server restored from an
 * older backup means bytes that this server no longer has. With another size than the bytes have, or none, it is no report of them: what
 * is told of evidence must be what the agent signed.
 */
function onlyStored(report: ReceivedReport, stored: StoredSizes): ReceivedReport {
  const files = report.files.map((file): FileReport => {
    const isHere = file.sha256 !== null && file.size !== null && stored.get(file.sha256) === file.size;
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

function guidOf(endpoint: Pick<Endpoint, 'number'>, file: FileReport): Guid | null {
  return file.path === null ? null : fileGuid(endpoint.number, file.path);
}

function finishedEvent({ report, task }: EndedTask, at: Milliseconds): NewEvent {
  const { endpoint, actionId, taskId, files, signed } = report;
  const actor = { kind: 'agent', id: endpoint.id, name: endpoint.id } as const;
  // What a search found changed nothing, and may be thousands of files: the outcomes hold them.
  const found = task.verb === 'search' ? { found: countFound(files) } : { files: files.map(factsOf) };
  // So that the agent's signed words are what the ledger tells of, and no others.
  const reportSha256 = createHash('sha256').update(signed.bytes).digest('hex');
  return {
    ...{ type: 'task_finished', at, actor, actionId, endpointId: endpoint.id },
    facts: { taskId, reportSha256, ...found },
  };
}

function countFound(files: readonly FileReport[]): number {
  return files.filter((file) => isDone(file) && file.path !== null).length;
}

function factsOf({ path, outcome, reason, sha256, vaultObject, effect }: FileReport): Json {
  return {
    path: path === null ? null : displayPath(path),
    outcome,
    reason,
    sha256,
    ...(effect !== null && { effect, vaultObject }),
  };
}
