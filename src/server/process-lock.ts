import { Database } from 'bun:sqlite';
import { dirname } from 'node:path';
import { Fault } from '#core/fault.ts';
import type { DataDirectory } from './data-directory.ts';

/** Holds a data directory for this process alone. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the directory for this process alone.
 * @throws Fault `conflict` when another process holds it, `unavailable` when nothing can be written there.
 */
export function lockDataDirectory({ root, lock }: Pick<DataDirectory, 'root' | 'lock'>): ProcessLock {
  const words = `Another Custody server uses ${root}. Stop it, or choose another directory with CUSTODY_DATA.`;
  return lockFile(lock, words);
}

/**
 * Takes a lock by an exclusive transaction on an empty database: the operating system lets go of such a lock when the process ends,
 * however it ends, so that no stale lock file can keep anything from starting.
 * @param taken what is said where another process has it.
 * @throws Fault `conflict` when another process holds it, `unavailable` when nothing can be written there.
 */
export function lockFile(path: string, taken: string): ProcessLock {
  const database = openLock(path);
  try {
    database.run('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new Fault('conflict', taken, { cause });
  }
  return { release: () => database.close() };
}

function openLock(path: string): Database {
  try {
    return new Database(path, { create: true });
  } catch (cause) {
    throw new Fault('unavailable', `Nothing can be written in ${dirname(path)}.`, { cause });
  }
}
