import { Database } from 'bun:sqlite';
import { Fault } from '#core/fault.ts';
import type { DataDirectory } from './data-directory.ts';

/** Holds a data directory for this process alone. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the directory by an exclusive transaction on an empty database in it: the operating system lets go of such a
 * lock when the process ends, however it ends, so that no stale lock file can keep a server from starting.
 * @throws Fault `conflict` when another process holds it, `unavailable` when nothing can be written there.
 */
export function lockDataDirectory(directory: DataDirectory): ProcessLock {
  const database = openLock(directory);
  try {
    database.run('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new Fault(
      'conflict',
      `Another Custody server uses ${directory.root}. Stop it, or choose another directory with CUSTODY_DATA.`,
      { cause },
    );
  }
  return { release: () => database.close() };
}

function openLock(directory: DataDirectory): Database {
  try {
    return new Database(directory.lock, { create: true });
  } catch (cause) {
    throw new Fault('unavailable', `Nothing can be written in ${directory.root} (CUSTODY_DATA).`, { cause });
  }
}
