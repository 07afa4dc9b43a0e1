import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { readRecord, type VaultRecord } from '../vault/record.ts';
import { type Ending, ending } from './ending.ts';
import type { RestoreJob, RestoreObjectsJob } from './quarantine-job.ts';
import { restoreOne } from './restore.ts';
import { returnedBefore } from './returned-before.ts';
import type { VaultRoom } from './room.ts';

type Asked = RestoreObjectsJob['objects'][number];

/** Puts just these objects back, each as it was decided for it. It may be killed at any moment and simply run again. */
export async function restoreObjects(room: VaultRoom, job: RestoreObjectsJob): Promise<readonly Ending[]> {
  const endings: Ending[] = [];
  for (const asked of job.objects) {
    room.progress();
    endings.push(...(await restoreAsked(room, job, asked)));
  }
  return endings;
}

async function restoreAsked(room: VaultRoom, job: RestoreObjectsJob, asked: Asked): Promise<readonly Ending[]> {
  const record = readRecord(room.vault, asked.vaultObject);
  if (record === undefined || record.sha256 !== job.sha256 || record.taskId === job.taskId) {
    return [notHeld(job, asked.vaultObject)];
  }
  const { taskId, sha256, settle } = job;
  const order: RestoreJob = { taskId, sha256, settle, ...asked };
  return isForTask(record, job) ? await restoreOne(room, order, record) : goneBefore(room, job, record);
}

function isForTask({ progress }: VaultRecord, { taskId }: RestoreObjectsJob): boolean {
  return (
    progress.state === 'held' ||
    progress.state === 'returning' ||
    (progress.state === 'restored' && progress.taskId === taskId)
  );
}

function goneBefore(room: VaultRoom, job: RestoreObjectsJob, record: VaultRecord): readonly Ending[] {
  const returned = returnedBefore(room, [record]);
  return returned.length > 0 ? returned : [notHeld(job, record.vaultObject)];
}

function notHeld({ sha256 }: RestoreObjectsJob, vaultObject: VaultObjectId): Ending {
  const message = 'The vault holds no such object with this hash.';
  return ending({ outcome: 'not_found', message, sha256, vaultObject });
}
