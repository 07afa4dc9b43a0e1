import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { stat, writeFile } from 'node:fs/promises';
import { expectFault, withStore } from '../conformance/store/place.ts';
import { endpointOf } from '../conformance/store/records.ts';
import { describeStore } from '../conformance/store.ts';
import { makeSqlitePlace } from './sqlite-place.ts';

describeStore('on SQLite', makeSqlitePlace);

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
