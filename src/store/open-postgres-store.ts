import type { Clock } from '#core/ports/clock.ts';
import type { Store } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { PostgresBackend } from './drivers/postgres/postgres-backend.ts';
import { openStore } from './open-store.ts';

export interface PostgresStoreSettings {
  /** `postgres://user:password@host:port/database`; a UTF-8 database in which this user may create tables. */
  readonly url: string;
  /** What a call gets that names no deadline of its own. */
  readonly deadline: Milliseconds;
  readonly clock: Clock;
}

/**
 * Opens the store in a PostgreSQL database that several servers may share.
 * @throws Fault `unavailable` when the database cannot be reached, Fault `conflict` when a newer program wrote it.
 */
export async function openPostgresStore(settings: PostgresStoreSettings): Promise<Store> {
  return openStore(new PostgresBackend(settings.url), settings);
}
