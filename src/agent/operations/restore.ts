import { systemErrorCode } from '../platform/system-error.ts';
import { allRecords, type VaultRecord } from '../vault/record.ts';
import { AlreadyThere, type BuiltCopy, buildCopy, discardUnfinishedCopy, occupied } from './bring-back.ts';
import { Ended, type Ending, ending, endingOf, factsOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { endUnlessMay } from './may-begin.ts';
import { heldOccupant, occupantEndings, settleOccupant, takeOccupant } from './occupant.ts';
import { publishCopy } from './publish-copy.ts';
import type { RestoreJob } from './quarantine-job.ts';
import { finishReturn, giveUpCopy, letGo, resumeReturn } from './restore-recovery.ts';
import { returnedBefore } from './returned-before.ts';
import { type Returning, targetOf } from './returning.ts';
import type { VaultRoom } from './room.ts';

/**
 * Puts every held file with this hash back to where it was, or the one that the order names, or to another path. It may be
 * killed at any moment and simply run again: what this task already restored is reported as done, and the rest goes on.
 * @throws Halted before the first file that may not be begun now.
 */
export async function restore(room: VaultRoom, job: RestoreJob): Promise<readonly Ending[]> {
  const records = allRecords(room.vault).filter((record) => isAskedFor(record, job));
  const ours = records.filter((record) => isForTask(record, job));
  if (ours.length === 0) {
    return notHeld(room, records, job);
  }
  if (job.to !== null && ours.length > 1) {
    return ours.map((record) => ambiguous(record, ours.length));
  }
  const endings: Ending[] = [];
  for (const record of ours) {
    room.progress();
    endings.push(...(await restoreOne(room, job, record)));
  }
  return endings;
}

/** Not what this very task displaced, which may have the same bytes. */
function isAskedFor(record: VaultRecord, { sha256, vaultObject, taskId }: RestoreJob): boolean {
  const isNamed = vaultObject === null || record.vaultObject === vaultObject;
  return record.sha256 === sha256 && isNamed && record.taskId !== taskId;
}

/** Held, on its way back, or brought back by an earlier run of this very task. A file still being taken is not held. */
function isForTask({ progress }: VaultRecord, job: RestoreJob): boolean {
  if (progress.state === 'restored') {
    return progress.taskId === job.taskId;
  }
  return progress.state === 'held' || progress.state === 'returning';
}

/** One file that is held, on its way back, or was brought back by this very task. */
export async function restoreOne(room: VaultRoom, job: RestoreJob, record: VaultRecord): Promise<readonly Ending[]> {
  using scope = new HandleScope(room.platform);
  const begun: Returning = { room, scope, job, record, target: targetOf(job, record) };
  try {
    await settleOccupant(begun);
    const resumed = resumeReturn(begun);
    if (resumed !== undefined) {
      return [withDisplaced(resumed, begun), ...occupantEndings(begun)];
    }
    if (job.settle) {
      discardUnfinishedCopy(begun);
      return [interrupted(record), ...(await putOccupantBack(begun))];
    }
    const isBegun = heldOccupant(begun) !== undefined;
    const stopped = isBegun ? undefined : await endUnlessMay(room, factsOf(record));
    if (stopped !== undefined) {
      discardUnfinishedCopy(begun);
      return [stopped];
    }
    const held: VaultRecord = { ...record, progress: { state: 'held' } };
    return await bringBack({ room, scope, job, record: held, target: job.to ?? record.path });
  } catch (failure) {
    return [failed(failure, record), ...occupantEndings(begun)];
  }
}

/**
 * First the whole copy, then the place is made free, then the copy goes there; a failure undoes all of it, and what an
 * earlier run of the task had done of it.
 */
async function bringBack(returning: Returning): Promise<readonly Ending[]> {
  let copy: BuiltCopy;
  try {
    copy = await buildCopy(returning);
  } catch (failure) {
    if (failure instanceof AlreadyThere) {
      return [letGo(returning), ...occupantEndings(returning)];
    }
    return [failed(failure, returning.record), ...(await putOccupantBack(returning))];
  }
  return await publish(returning, copy);
}

async function publish(returning: Returning, copy: BuiltCopy): Promise<readonly Ending[]> {
  const isSwap = copy.record.progress.state === 'returning' && copy.record.progress.displaced !== null;
  const occupant = isSwap ? await takeOccupant(returning, copy) : undefined;
  const isInTheWay = occupant !== undefined && occupant.outcome !== 'done';
  let published: VaultRecord;
  try {
    if (isInTheWay) {
      throw occupied(` It could not be moved into the vault: ${occupant.message}`);
    }
    published = publishCopy(returning, copy);
  } catch (failure) {
    giveUpCopy(returning.room, copy.record, copy.stage);
    const others = isInTheWay ? [occupant] : await putOccupantBack(returning);
    return [failed(failure, returning.record), ...others];
  }
  return [finish(returning, copy, published), ...occupantEndings(returning)];
}

/** The file has its name. Whether it is durable there cannot be said after a failed sync: recovery decides. */
function finish(returning: Returning, { parent, stage }: BuiltCopy, published: VaultRecord): Ending {
  try {
    returning.room.platform.syncDirectory(parent.directory);
  } catch (failure) {
    const { message } = endingOf(failure, null);
    return {
      ...failed(failure, returning.record),
      message: `The file has its name again, but the disk did not confirm it, so that the vault still holds it: ${message}`,
    };
  }
  return withDisplaced(finishReturn(returning.room, published, stage), returning);
}

function withDisplaced(done: Ending, returning: Returning): Ending {
  const displaced = heldOccupant(returning)?.vaultObject;
  return displaced === undefined ? done : { ...done, details: { ...done.details, displaced } };
}

/** @returns the occupant's ending where it has to stay in the vault. */
async function putOccupantBack(returning: Returning): Promise<readonly Ending[]> {
  const { room, job } = returning;
  const record = heldOccupant(returning);
  if (record === undefined) {
    return [];
  }
  const { vaultObject, sha256 } = record;
  const back: RestoreJob = { ...job, vaultObject, sha256, to: null, ifOccupied: 'fail', settle: false };
  // It belongs to the file that was begun.
  const endings = await restoreOne({ ...room, mayBegin: async () => 'go' }, back, record);
  return endings.some(({ outcome }) => outcome === 'done' || outcome === 'already_done')
    ? []
    : occupantEndings(returning);
}

function failed(failure: unknown, record: VaultRecord): Ending {
  const words = endingOf(failure, record.path);
  const code = failure instanceof Ended ? undefined : systemErrorCode(failure);
  const message = code === undefined ? words.message : `The file was not restored: ${words.message}`;
  return { ...words, ...factsOf(record), message };
}

function interrupted(record: VaultRecord): Ending {
  return ending({
    ...factsOf(record),
    outcome: 'interrupted',
    reason: 'agent_restarted',
    message: 'The restore was cut off before the file was in its place; the vault still holds it.',
  });
}

function ambiguous(record: VaultRecord, copies: number): Ending {
  const message = `The vault holds ${copies} files with this hash, and only one can go to that path: name one of them.`;
  return ending({ ...factsOf(record), outcome: 'conflict', message });
}

function notHeld(room: VaultRoom, records: readonly VaultRecord[], job: RestoreJob): readonly Ending[] {
  const before = returnedBefore(room, records);
  const message = 'The vault holds no file with this hash.';
  const none = ending({ outcome: 'not_found', message, sha256: job.sha256, vaultObject: job.vaultObject });
  return before.length === 0 ? [none] : before;
}
