import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import { allRecords, objectFile, partialFile, readRecord, type VaultRecord, writeRecord } from '../vault/record.ts';
import { demandAllowed } from './allowed.ts';
import { type Ending, ending, endingOf, factsOf } from './ending.ts';
import { endUnlessMay } from './may-begin.ts';
import type { PurgeJob } from './quarantine-job.ts';
import type { VaultRoom } from './room.ts';

/**
 * Deletes for good what the vault holds with a hash, or just the objects that the order names: nothing else ever does
 * (promise P28). It may be killed at any moment and simply run again.
 * @throws Halted before the first object that may not be begun now.
 */
export async function purge(room: VaultRoom, job: PurgeJob): Promise<readonly Ending[]> {
  const { vaultObject } = job;
  if (vaultObject === null) {
    return await purgeAmong(room, { ...job, vaultObject }, allRecords(room.vault));
  }
  const endings: Ending[] = [];
  for (const named of [vaultObject].flat()) {
    const record = readRecord(room.vault, named);
    endings.push(...(await purgeAmong(room, { ...job, vaultObject: named }, record === undefined ? [] : [record])));
  }
  return endings;
}

/** The order, of every object or of one. */
type OneJob = PurgeJob & { readonly vaultObject: VaultObjectId | null };

async function purgeAmong(room: VaultRoom, job: OneJob, among: readonly VaultRecord[]): Promise<readonly Ending[]> {
  const records = among.filter(({ sha256 }) => sha256 === job.sha256);
  const endings: Ending[] = [];
  for (const record of records) {
    endings.push(...(endWithout(record, job) ?? [await purgeOne(room, job, record)]));
  }
  if (endings.length > 0) {
    return endings;
  }
  const before = records.filter(({ progress }) => progress.state === 'purged').map(purgedBefore);
  const message = 'The vault holds no file with this hash.';
  const none = ending({ outcome: 'not_found', message, sha256: job.sha256, vaultObject: job.vaultObject });
  return before.length > 0 ? before : [none];
}

/** What is on its way belongs to the task that moves it; what left the vault before is none of ours. */
function endWithout(record: VaultRecord, job: PurgeJob): readonly Ending[] | undefined {
  const { progress } = record;
  switch (progress.state) {
    case 'held':
      return job.settle ? [notBegun(record)] : undefined;
    case 'taking':
    case 'returning':
      return [ending({ ...factsOf(record), outcome: 'in_use', message: 'The file is being taken or restored.' })];
    case 'purged':
      return progress.taskId === job.taskId ? undefined : [];
    case 'restored':
      return [];
  }
}

/** The tombstone first: from then on the object is only in the way. */
async function purgeOne(room: VaultRoom, { taskId }: PurgeJob, record: VaultRecord): Promise<Ending> {
  const { vault, clock } = room;
  const stopped = record.progress.state === 'held' ? await endUnlessMay(room, factsOf(record)) : undefined;
  if (stopped !== undefined) {
    return stopped;
  }
  try {
    demandAllowed(room, { verb: 'purge', paths: [record.path], size: record.size });
    if (record.progress.state === 'held') {
      writeRecord(vault, { ...record, progress: { state: 'purged', taskId, at: clock.now() } });
    }
    removeOwnFile(partialFile(vault, record.vaultObject));
    removeOwnFile(objectFile(vault, record.vaultObject));
  } catch (failure) {
    return { ...endingOf(failure, record.path), ...factsOf(record) };
  }
  const message = 'The file was deleted from the vault.';
  return ending({ ...factsOf(record), outcome: 'done', message, effect: 'purged' });
}

function notBegun(record: VaultRecord): Ending {
  const message = 'The purge was cut off; the vault still holds the file.';
  return ending({ ...factsOf(record), outcome: 'interrupted', reason: 'agent_restarted', message });
}

function purgedBefore(record: VaultRecord): Ending {
  const message = 'The file was deleted from the vault by an earlier action.';
  return ending({ ...factsOf(record), outcome: 'already_done', message, effect: 'purged' });
}
