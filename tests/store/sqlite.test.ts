import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { stat, writeFile } from 'node:fs/promises';
import { systemRandom } from '#server/system-random.ts';
import { noDeadline } from '#store/deadline.ts';
import { SqliteBackend } from '#store/drivers/sqlite/sqlite-backend.ts';
import { sqliteDialect } from '#store/sql/sqlite-dialect.ts';
import { raceForTokens } from '../conformance/enrolment-race.ts';
import { testMigration } from '../conformance/store/migration.ts';
import { expectFault, withStore } from '../conformance/store/place.ts';
import { endpointOf } from '../conformance/store/records.ts';
import { describeStore } from '../conformance/store.ts';
import { makeSqlitePlace } from './sqlite-place.ts';

describeStore('on SQLite', makeSqlitePlace);

test(
  'Of two machines that enrol at once with a one-time token, one gets in: 1,000 trials (npm run prove: 10,000).',
  withStore(makeSqlitePlace, async (store) => {
    expect(await raceForTokens(store, systemRandom, 1_000)).toBe(0);
  }),
);

testMigration(makeSqlitePlace, { types: sqliteDialect.types, bytes: (hex) => `x'${hex}'` });

test('The database file and its log are readable by their owner only.', async () => {
  const place = await makeSqlitePlace();
  const store = await place.open();
  await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
  for (const file of [place.path, `${place.path}-wal`]) {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  await store.close();
  await place.remove();
});

test('A file that is no database is unavailable, and so is a missing directory.', async () => {
  const place = await makeSqlitePlace();
  await writeFile(place.path, 'This is a letter, not a database. '.repeat(50));
  await expectFault(place.open(), 'unavailable');
  await place.remove();
  await expectFault(place.open(), 'unavailable');
});

test(
  'A SQLite store is for one process.',
  withStore(makeSqlitePlace, async (store) => {
    expect(store.reach).toBe('process');
  }),
);

test('A search that goes on and on holds up no other read.', async () => {
  const place = await makeSqlitePlace();
  await (await place.open()).close();
  const backend = new SqliteBackend(place.path);
  const searching = await backend.begin('search', noDeadline);
  const long =
    'with recursive n (i) as (select 1 union all select i + 1 from n where i < 8000000) select max(i) from n';
  let hasEnded = false;
  const search = searching.run([{ sql: long, parameters: [] }]).then(() => {
    hasEnded = true;
  });
  const reading = await backend.begin('read', noDeadline);
  await reading.run([{ sql: 'select version from schema_version', parameters: [] }]);
  await reading.rollback();
  expect(hasEnded).toBe(false);
  await search;
  await searching.rollback();
  await backend.close();
  await place.remove();
});

test(
  'A writer has the lock from its first moment, so that nothing changes between what it reads and what it writes.',
  withStore(makeSqlitePlace, async (store, { path }) => {
    await store.transact(async (transaction) => {
      await transaction.endpoints.byIds([]);
      const stranger = new Database(path);
      stranger.run('pragma busy_timeout = 0');
      expect(() => stranger.run('begin immediate')).toThrow('locked');
      stranger.close();
    });
  }),
);
