import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { openPostgresStore } from '#store/open-postgres-store.ts';
import { defaultDeadline, type StorePlace, testClock } from '../conformance/store/place.ts';

/** A server on which the tests may make databases; `tools/with-postgres.sh` runs one. Undefined where there is none. */
export const postgresServer = process.env['CUSTODY_TEST_POSTGRES'];

export interface PostgresPlace extends StorePlace {
  readonly url: string;
}

/** A database of its own, dropped at the end. */
export async function makePostgresPlace(): Promise<PostgresPlace> {
  const server = postgresServer ?? '';
  const name = `custody_test_${randomBytes(6).toString('hex')}`;
  await runOn(server, `create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    open: (deadline = defaultDeadline) => openPostgresStore({ url: url.href, deadline, clock: testClock }),
    run: (statement) => runOn(url.href, statement),
    async blockWriters() {
      const client = new Client({ connectionString: url.href });
      await client.connect();
      await client.query('begin; lock table schema_version in exclusive mode');
      return () => client.end();
    },
    async pretendVersion(version) {
      await runOn(url.href, `update schema_version set version = ${version}`);
    },
    async remove() {
      await runOn(server, `drop database ${name} with (force)`);
    },
  };
}

async function runOn(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
