import type { Handle, Place } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { Ended } from './ending.ts';
import type { Room } from './room.ts';

/**
 * The kernel would refuse the move anyway, and in an append-only directory only after a staging directory was made that it
 * then would not let go: this names the reason before anything is done.
 */
export function demandChangeable(room: Room, { directory }: Place, file?: Handle): void {
  if (file !== undefined && room.platform.isImmutable(file)) {
    throw immutable('The file is immutable or append-only.');
  }
  if (isDirectoryImmutable(room, directory)) {
    throw immutable('The directory is immutable or append-only.');
  }
}

function isDirectoryImmutable({ platform }: Room, directory: Handle): boolean {
  let readable: Handle;
  try {
    readable = platform.openDirectory({ directory, name: Buffer.from('.') });
  } catch (failure) {
    if (systemErrorCode(failure) !== 'EACCES') {
      throw failure;
    }
    return false;
  }
  try {
    return platform.isImmutable(readable);
  } finally {
    platform.close(readable);
  }
}

function immutable(message: string): Ended {
  return new Ended({ outcome: 'access_denied', reason: 'immutable', message });
}
