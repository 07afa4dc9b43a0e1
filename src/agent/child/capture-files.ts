import { capture } from '../operations/capture.ts';
import type { VaultRoom } from '../operations/room.ts';
import { makeSpool, spoolFile, writeSpooled } from '../tasks/spool.ts';
import type { FileToCapture, Spooled } from './job.ts';

/**
 * Captures files one after another; each is noted durably beside its bytes, so that a later run goes on behind it. The
 * vault is only read: objects are complete or not there, so that its lock is left to those who change it.
 * @returns all of them, or those before the first that may not be begun.
 */
export async function captureFiles(
  room: VaultRoom,
  job: { readonly spool: string; readonly files: readonly FileToCapture[] },
  alive: () => void,
): Promise<readonly Spooled[]> {
  makeSpool(job.spool);
  room.platform.lock(`${job.spool}/lock`, { wait: true });
  const all: Spooled[] = [];
  for (const file of job.files) {
    if ((await room.mayBegin()) !== 'go') {
      break;
    }
    const spooled = await captureFile(room, job.spool, file);
    writeSpooled(job.spool, spooled);
    alive();
    all.push(spooled);
  }
  return all;
}

async function captureFile(room: VaultRoom, spool: string, wanted: FileToCapture): Promise<Spooled> {
  const { ordinal, path } = wanted;
  const result = await capture(room, wanted, { file: spoolFile(spool, ordinal), spool });
  if ('outcome' in result) {
    return { state: 'ended', file: { ...result, ordinal } };
  }
  const losses = result.changed ? ['the file was being written to while it was read'] : [];
  const { sha256, size, details } = result;
  return { state: 'captured', ordinal, path, sha256, size, losses, details };
}
