import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Store } from '#core/ports/store/store.ts';
import { minute } from '#core/time.ts';
import { systemClock } from '#server/system-clock.ts';
import { openPostgresStore } from '#store/open-postgres-store.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';

/** A store of its own, gone when it is disposed of. */
export interface BenchStore extends AsyncDisposable {
  readonly store: Store;
  readonly database: 'SQLite' | 'PostgreSQL';
  /** What the database would do by itself within minutes of many rows, so that the rounds are not measured beside it. */
  settle(): Promise<void>;
}

const settings = { deadline: minute, clock: systemClock };

/** In the PostgreSQL beside which `tools/with-postgres.sh` runs the program; without one, SQLite. */
export function openBenchStore(): Promise<BenchStore> {
  const server = process.env['CUSTODY_TEST_POSTGRES'];
  return server === undefined ? openSqlite() : openPostgres(server);
}

async function openSqlite(): Promise<BenchStore> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const store = await openSqliteStore({ path: join(directory, 'store.sqlite'), ...settings });
  return {
    ...{ store, database: 'SQLite' },
    settle: async () => undefined,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openPostgres(server: string): Promise<BenchStore> {
  const name = `custody_bench_${randomBytes(6).toString('hex')}`;
  await run(server, `create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const store = await openPostgresStore({ url: url.href, ...settings });
  return {
    ...{ store, database: 'PostgreSQL' },
    settle: () => run(url.href, 'vacuum analyze'),
    async [Symbol.asyncDispose]() {
      await store.close();
      await run(server, `drop database ${name} with (force)`);
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
