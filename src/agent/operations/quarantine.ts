import type { FilePath } from '#core/file/file-path.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import { allRecords, partialFile, readRecord, type VaultRecord, vaultObjectOf } from '../vault/record.ts';
import { Ended, type Ending, ending, endingOf, factsOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { endUnlessMay } from './may-begin.ts';
import type { QuarantineJob } from './quarantine-job.ts';
import { resumeQuarantine } from './quarantine-recovery.ts';
import type { VaultRoom } from './room.ts';
import { takeFile } from './take-file.ts';

/**
 * Moves one file into the vault: pin, copy, capture, compare, commit. It may be killed at any moment
 * and simply run again: it first looks at what an earlier run left on disk.
 * @throws Halted where nothing was begun, and may not be now.
 */
export async function quarantine(room: VaultRoom, job: QuarantineJob): Promise<Ending> {
  const object = vaultObjectOf(job.taskId, job.path);
  try {
    using scope = new HandleScope(room.platform);
    const resumed = await resumeQuarantine({ room, scope, job, object });
    if (resumed !== undefined) {
      return resumed;
    }
    if (job.settle) {
      return ending({
        outcome: 'interrupted',
        reason: 'agent_restarted',
        message: 'The quarantine was cut off before it took the file; the file is untouched.',
        path: job.path,
      });
    }
    const { path, sha256 } = job;
    const stopped = await endUnlessMay(room, { path, sha256 });
    return stopped ?? (await takeFile({ room, scope, job, object })) ?? missing(room, job);
  } catch (failure) {
    discardPartial(room, object);
    return endingOf(failure, job.path);
  }
}

/** What has a record is recovery's; without one, a partial object is only in the way. */
function discardPartial(room: VaultRoom, object: VaultObjectId): void {
  if (readRecord(room.vault, object) === undefined) {
    removeOwnFile(partialFile(room.vault, object));
  }
}

/** The file is not there: fine if it is because we hold it, by an earlier order. */
function missing(room: VaultRoom, job: QuarantineJob): Ending {
  const record = heldFrom(room, job);
  if (record === undefined) {
    throw new Ended({ outcome: 'not_found', message: 'There is no such file.', path: job.path });
  }
  return heldAlready(record);
}

/** For a file that an earlier order has put into the vault. */
export function heldAlready(record: VaultRecord): Ending {
  return ending({
    ...factsOf(record),
    outcome: 'already_done',
    message: 'The file is in the vault already.',
    effect: 'taken',
  });
}

function heldFrom(room: VaultRoom, job: QuarantineJob): VaultRecord | undefined {
  const isHeld = ({ progress, sha256, path }: VaultRecord) =>
    progress.state === 'held' && (job.sha256 ?? sha256) === sha256 && isSamePath(path, job.path);
  return allRecords(room.vault).findLast(isHeld);
}

function isSamePath(one: FilePath, other: FilePath): boolean {
  return Buffer.compare(one, other) === 0;
}
