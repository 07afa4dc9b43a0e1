import { allRecords, type VaultRecord } from '../vault/record.ts';
import { bringBack, discardUnfinishedCopy } from './bring-back.ts';
import { type Ending, ending, endingOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import type { RestoreJob } from './quarantine-job.ts';
import { resumeReturn } from './restore-recovery.ts';
import type { VaultRoom } from './room.ts';

/**
 * Puts every held file with this hash back to where it was. It may be killed at any moment and simply run again: what
 * this task already restored is reported as done, and the rest goes on.
 */
export async function restore(room: VaultRoom, job: RestoreJob): Promise<readonly Ending[]> {
  const records = allRecords(room.vault).filter((record) => record.sha256 === job.sha256);
  const ours = records.filter((record) => isForTask(record, job));
  if (ours.length === 0) {
    return records.length === 0 ? [nothingHeld(job)] : restoredBefore(records);
  }
  const endings: Ending[] = [];
  for (const record of ours) {
    room.progress();
    endings.push(await restoreOne(room, job, record));
  }
  return endings;
}

/** Held, on its way back, or brought back by an earlier run of this very task. A file still being taken is not held. */
function isForTask({ progress }: VaultRecord, job: RestoreJob): boolean {
  if (progress.state === 'restored') {
    return progress.taskId === job.taskId;
  }
  return progress.state !== 'taking';
}

async function restoreOne(room: VaultRoom, job: RestoreJob, record: VaultRecord): Promise<Ending> {
  try {
    using scope = new HandleScope(room.platform);
    const resumed = resumeReturn({ room, scope, job, record });
    if (resumed !== undefined) {
      return resumed;
    }
    if (job.settle) {
      discardUnfinishedCopy({ room, scope, job, record });
      return interrupted(record);
    }
    return await bringBack({ room, scope, job, record });
  } catch (failure) {
    const failed = endingOf(failure, record.path);
    return { ...failed, sha256: record.sha256, size: record.size, vaultObject: record.vaultObject };
  }
}

function interrupted(record: VaultRecord): Ending {
  return ending({
    outcome: 'interrupted',
    reason: 'agent_restarted',
    message: 'The restore was cut off before the file was in its place; the vault still holds it.',
    path: record.path,
    sha256: record.sha256,
    size: record.size,
    vaultObject: record.vaultObject,
  });
}

function nothingHeld(job: RestoreJob): Ending {
  return ending({ outcome: 'not_found', message: 'The vault holds no file with this hash.', sha256: job.sha256 });
}

function restoredBefore(records: readonly VaultRecord[]): readonly Ending[] {
  return records.map((record) =>
    ending({
      outcome: 'already_done',
      message: 'The file was restored by an earlier action.',
      path: record.path,
      sha256: record.sha256,
      size: record.size,
      vaultObject: record.vaultObject,
    }),
  );
}
