import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import type { Place } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { type VaultRecord, writeRecord } from '../vault/record.ts';
import { besideName } from './beside-name.ts';
import { type BuiltCopy, occupied } from './bring-back.ts';
import type { Returning } from './returning.ts';

const slash = 0x2f;
/** Names that are tried for a file that is to stand beside what has its own. */
const mostNames = 100;

/**
 * Moves a built copy to its place, over nothing. Another name beside it is noted before it is used, so that recovery looks
 * there.
 * @returns the record as it is on disk.
 * @throws Ended `occupied`, or the system's error; the copy is in its staging directory then.
 */
export function publishCopy({ room, job, target }: Returning, { parent, stage, record }: BuiltCopy): VaultRecord {
  const at = room.clock.now();
  let current = record;
  let place: Place = parent;
  for (let attempt = 1; ; attempt += 1) {
    try {
      room.platform.move(stage.entry, place);
      return current;
    } catch (failure) {
      if (systemErrorCode(failure) !== 'EEXIST') {
        throw failure;
      }
      if (job.ifOccupied !== 'keep_both' || attempt > mostNames) {
        throw occupied();
      }
    }
    place = { directory: parent.directory, name: besideName(parent.name, at, attempt) };
    current = withTarget(record, renamed(target, place.name));
    writeRecord(room.vault, current);
  }
}

function withTarget(record: VaultRecord, target: FilePath): VaultRecord {
  const { progress } = record;
  return progress.state === 'returning' ? { ...record, progress: { ...progress, target } } : record;
}

function renamed(file: FilePath, name: Uint8Array): FilePath {
  return filePathSchema.parse(Uint8Array.from([...file.subarray(0, file.lastIndexOf(slash) + 1), ...name]));
}
