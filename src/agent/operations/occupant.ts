import { readRecord, removeRecord, type VaultRecord, vaultObjectOf } from '../vault/record.ts';
import type { BuiltCopy } from './bring-back.ts';
import { hashOf } from './content.ts';
import { type Ending, endingOf, quarantined } from './ending.ts';
import { demandRegularFile, pinIfPresent } from './pinned.ts';
import { quarantine } from './quarantine.ts';
import type { Returning } from './returning.ts';

/**
 * What had the place of a file that comes back by `swap` goes into the vault by a quarantine like any other, under an object
 * named after the restore's task and the place: that is how a later run knows it.
 * @returns undefined when nothing has the place any more.
 */
export async function takeOccupant(returning: Returning, { parent }: BuiltCopy): Promise<Ending | undefined> {
  const { room, scope, job, target } = returning;
  try {
    const pinned = pinIfPresent(room.platform, scope, parent);
    if (pinned === undefined) {
      return undefined;
    }
    demandRegularFile(room.platform, pinned);
    forgetPutBack(returning);
    const { sha256 } = hashOf(scope.keep(room.platform.openPinned(pinned.pin)), room.progress);
    const { taskId } = job;
    const ended = await quarantine(room, { taskId, path: target, sha256, overrideProtection: false, settle: false });
    return ended.outcome === 'not_found' || ended.outcome === 'already_done' ? undefined : ended;
  } catch (failure) {
    return endingOf(failure, target);
  }
}

/** An earlier run of this task took one and put it back; its object is gone. */
function forgetPutBack(returning: Returning): void {
  const record = recordOfOccupant(returning);
  if (record?.progress.state === 'restored') {
    removeRecord(returning.room.vault, record.vaultObject);
  }
}

/**
 * What an earlier run left half taken is put back, for this one begins with the place as it is; what it left of one that it
 * took is cleared away.
 */
export async function settleOccupant(returning: Returning): Promise<void> {
  const { room, job, target } = returning;
  const record = recordOfOccupant(returning);
  const state = record?.progress.state ?? 'taking';
  if (job.ifOccupied !== 'swap' || (state !== 'taking' && state !== 'held')) {
    return;
  }
  const sha256 = record?.sha256 ?? job.sha256;
  await quarantine(room, { taskId: job.taskId, path: target, sha256, overrideProtection: false, settle: true });
}

/** The occupant that this task has in the vault now. One on its own way back has none itself: it would be itself. */
export function heldOccupant(returning: Returning): VaultRecord | undefined {
  const record = recordOfOccupant(returning);
  const isHeld = record?.progress.state === 'held' || record?.progress.state === 'returning';
  const isOther = record?.vaultObject !== returning.record.vaultObject;
  return record !== undefined && isHeld && isOther && record.taskId === returning.job.taskId ? record : undefined;
}

/** How the occupant ended, where it is in the vault. */
export function occupantEndings(returning: Returning): readonly Ending[] {
  const record = heldOccupant(returning);
  return record === undefined ? [] : [quarantined(record)];
}

function recordOfOccupant({ room, job, target }: Returning): VaultRecord | undefined {
  return readRecord(room.vault, vaultObjectOf(job.taskId, target));
}
