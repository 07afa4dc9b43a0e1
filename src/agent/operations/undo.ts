import { allRecords, readRecord, type VaultRecord } from '../vault/record.ts';
import { type Ending, ending, factsOf } from './ending.ts';
import { quarantine } from './quarantine.ts';
import type { RestoreJob, UndoJob } from './quarantine-job.ts';
import { restoreOne } from './restore.ts';
import { returnedBefore } from './returned-before.ts';
import type { VaultRoom } from './room.ts';

/**
 * Puts back everything that one quarantine took, each file to where it was. What it had left half taken is settled first. It may
 * be killed at any moment and simply run again.
 * @returns an ending for each file that it took, and for each that was displaced; `not_found`, naming none, where it took nothing.
 */
export async function undo(room: VaultRoom, job: UndoJob): Promise<readonly Ending[]> {
  const taken = allRecords(room.vault).filter(({ taskId }) => taskId === job.undoes);
  const endings: Ending[] = [];
  for (const record of taken) {
    room.progress();
    endings.push(...(await undoOne(room, job, record)));
  }
  return endings.length > 0 ? endings : [nothingTaken()];
}

async function undoOne(room: VaultRoom, job: UndoJob, record: VaultRecord): Promise<readonly Ending[]> {
  const { progress } = record;
  switch (progress.state) {
    case 'taking':
      return await undoTaking(room, job, record);
    case 'held':
    case 'returning':
      return await restoreOne(room, restoreOf(job, record), record);
    case 'restored':
      return progress.taskId === job.taskId
        ? await restoreOne(room, restoreOf(job, record), record)
        : returnedBefore(room, [record]);
    case 'purged':
      return [purged(record)];
  }
}

/** The order that was taking it is over, for the two have the vault one after the other; it left this behind. */
async function undoTaking(room: VaultRoom, job: UndoJob, record: VaultRecord): Promise<readonly Ending[]> {
  const { taskId, path, sha256, vaultObject } = record;
  const settled = await quarantine(room, { taskId, path, sha256, overrideProtection: false, settle: true });
  const left = readRecord(room.vault, vaultObject);
  if (left === undefined) {
    return [neverLeft(record)];
  }
  return left.progress.state === 'taking' ? [settled] : await undoOne(room, job, left);
}

function restoreOf({ taskId, ifOccupied, settle }: UndoJob, { sha256, vaultObject }: VaultRecord): RestoreJob {
  return { taskId, sha256, vaultObject, to: null, ifOccupied, settle };
}

function neverLeft(record: VaultRecord): Ending {
  const message = 'The quarantine was cut off before it took the file; it never left its place.';
  return ending({ ...factsOf(record), vaultObject: null, outcome: 'already_done', message });
}

function purged(record: VaultRecord): Ending {
  const message = 'The file was deleted from the vault for good by a later order, and cannot be brought back.';
  return ending({ ...factsOf(record), outcome: 'not_found', message, effect: 'purged' });
}

function nothingTaken(): Ending {
  return ending({ outcome: 'not_found', message: 'The vault knows of no file that this quarantine took.' });
}
