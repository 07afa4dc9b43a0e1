import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { VaultRecord } from '../vault/record.ts';
import { type Ending, ending, endingOf, factsOf } from './ending.ts';
import { HandleScope } from './handle-scope.ts';
import { pinIfPresent } from './pinned.ts';
import type { VaultRoom } from './room.ts';
import { hasSameBytes } from './same-bytes.ts';

interface Returned {
  readonly record: VaultRecord;
  /** Where it went. */
  readonly target: FilePath;
}

/** Files that an earlier action brought back, of which the vault holds nothing any more; each place once, by what was there last. */
export function returnedBefore(room: VaultRoom, records: readonly VaultRecord[]): readonly Ending[] {
  const byPlace = new Map<string, Returned>();
  for (const record of records.toSorted((one, other) => returnedAt(one) - returnedAt(other))) {
    if (record.progress.state === 'restored') {
      const { target } = record.progress;
      byPlace.set(Buffer.from(target).toString('hex'), { record, target });
    }
  }
  return [...byPlace.values()].map((returned) => {
    try {
      return isThere(room, returned) ? already(returned) : gone(returned);
    } catch (failure) {
      return { ...endingOf(failure, returned.target), ...factsOf(returned.record), effect: 'returned' };
    }
  });
}

function returnedAt({ progress }: VaultRecord): number {
  return progress.state === 'restored' ? progress.at : 0;
}

function isThere(room: VaultRoom, { record, target }: Returned): boolean {
  using scope = new HandleScope(room.platform);
  try {
    const parent = room.platform.openParent(target);
    scope.keep(parent.directory);
    const pinned = pinIfPresent(room.platform, scope, parent);
    return pinned !== undefined && hasSameBytes(room, scope, { pinned, record });
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      return false;
    }
    throw failure;
  }
}

function already({ record }: Returned): Ending {
  return ending({
    ...factsOf(record),
    outcome: 'already_done',
    message: 'The file was restored by an earlier action, and is there.',
    effect: 'returned',
  });
}

/** A success would say that the file is there. */
function gone({ record, target }: Returned): Ending {
  const message = `The file was restored to ${displayPath(target)} by an earlier action and is not there any more, and the vault holds no other copy.`;
  return ending({ ...factsOf(record), outcome: 'not_found', message, effect: 'returned' });
}
