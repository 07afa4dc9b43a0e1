import { capture } from '../operations/capture.ts';
import { makeSpool, spoolFile, writeSpooled } from '../tasks/spool.ts';
import type { ChildRoom } from './child-room.ts';
import type { FileToCapture, Spooled } from './job.ts';

/** Captures files one after another; each is noted durably beside its bytes, so that a later run goes on behind it. */
export function* captureFiles(
  room: ChildRoom,
  job: { readonly spool: string; readonly files: readonly FileToCapture[] },
): Generator<Spooled> {
  makeSpool(job.spool);
  room.platform.lock(`${job.spool}/lock`, { wait: true });
  for (const file of job.files) {
    const spooled = captureFile(room, job.spool, file);
    writeSpooled(job.spool, spooled);
    room.say({ type: 'progress' });
    yield spooled;
  }
}

function captureFile(room: ChildRoom, spool: string, { ordinal, path }: FileToCapture): Spooled {
  const result = capture(room, path, { file: spoolFile(spool, ordinal), spool });
  if ('outcome' in result) {
    return { state: 'ended', file: { ...result, ordinal } };
  }
  const losses = result.changed ? ['the file was being written to while it was read'] : [];
  return { state: 'captured', ordinal, path, sha256: result.sha256, size: result.size, losses };
}
