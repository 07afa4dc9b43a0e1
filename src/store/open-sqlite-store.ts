import { closeSync, openSync } from 'node:fs';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Store } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { SqliteBackend } from './drivers/sqlite/sqlite-backend.ts';
import { openStore } from './open-store.ts';

export interface SqliteStoreSettings {
  /** The database file, made when it is missing; its directory must exist and belong to this process alone. */
  readonly path: string;
  /** What a call gets that names no deadline of its own. */
  readonly deadline: Milliseconds;
  readonly clock: Clock;
  /** Called when the disk is full. @returns whether it has room now: what did not fit is then tried again. Default: no. */
  readonly makeRoom?: () => boolean;
}

/**
 * Opens the store in one file, for one process.
 * @throws Fault `unavailable` when the file cannot be opened, Fault `conflict` when a newer program wrote it.
 */
export async function openSqliteStore(settings: SqliteStoreSettings): Promise<Store> {
  makePrivateFile(settings.path);
  return openStore(new SqliteBackend(settings.path, settings), settings);
}

/** The records hold password hashes: the file, and the log that SQLite makes in its likeness, are the owner's alone. */
function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (cause) {
    throw new Fault('unavailable', `The database file ${path} cannot be opened for writing.`, { cause });
  }
}
