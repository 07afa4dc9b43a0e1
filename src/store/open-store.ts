import type { Store } from '#core/ports/store/store.ts';
import type { Backend } from './backend.ts';
import { migrate } from './migrations/migrate.ts';
import { SqlStore, type SqlStoreSettings } from './sql-store.ts';

/** Brings the tables up to date and returns the store; closes the backend when that fails. */
export async function openStore(backend: Backend, { clock, deadline }: SqlStoreSettings): Promise<Store> {
  try {
    await backend.demandSuitable();
    await migrate(backend);
    return new SqlStore(backend, { clock, deadline });
  } catch (error) {
    await backend.close();
    throw backend.explain(error).fault;
  }
}
