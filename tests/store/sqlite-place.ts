import { Database } from 'bun:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { defaultDeadline, type StorePlace, testClock } from '../conformance/store/place.ts';

export interface SqlitePlace extends StorePlace {
  readonly path: string;
}

/** A database file in a temporary directory of its own. */
export async function makeSqlitePlace(): Promise<SqlitePlace> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-store-'));
  const path = join(directory, 'custody.db');
  return {
    path,
    open: (deadline = defaultDeadline) => openSqliteStore({ path, deadline, clock: testClock }),
    async run(statement) {
      const database = new Database(path);
      const rows = database.query(statement).all();
      database.close();
      return rows;
    },
    async blockWriters() {
      const database = new Database(path);
      database.run('begin immediate');
      return async () => {
        database.run('rollback');
        database.close();
      };
    },
    async pretendVersion(version) {
      const database = new Database(path);
      database.run('update schema_version set version = ?', [version]);
      database.close();
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
