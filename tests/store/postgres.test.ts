import { describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { wholeFleet } from '#core/access/scope.ts';
import { StoreEventBell } from '#server/event-bell.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { currentVersion } from '#store/migrations/migrate.ts';
import { openPostgresStore } from '#store/open-postgres-store.ts';
import { postgresDialect } from '#store/sql/postgres-dialect.ts';
import { raceForTokens } from '../conformance/enrolment-race.ts';
import { dumpOf, fillEveryTable, stream } from '../conformance/store/dumps.ts';
import { testMigration } from '../conformance/store/migration.ts';
import { expectFault, testClock, withStore } from '../conformance/store/place.ts';
import { endpointId, endpointOf, eventOf } from '../conformance/store/records.ts';
import { describeStore } from '../conformance/store.ts';
import { makePostgresPlace, postgresServer } from './postgres-place.ts';
import { makeSqlitePlace } from './sqlite-place.ts';

const reason = 'CUSTODY_TEST_POSTGRES names no server; tools/with-postgres.sh starts one';
const absent = postgresServer === undefined;

if (absent && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('The store is tested on PostgreSQL.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

function testTokenRaces(): void {
  test(
    'Of two machines that enrol at once with a one-time token, one gets in: 500 trials (npm run prove: 10,000).',
    withStore(makePostgresPlace, async (store) => {
      expect(await raceForTokens(store, systemRandom, 500)).toBe(0);
    }),
  );
}

function testSharedNonces(): void {
  test(
    'A nonce that one server has taken no other takes.',
    withStore(makePostgresPlace, async (store, place) => {
      const other = await place.open();
      const key = {
        name: '',
        role: 'Viewer',
        level: 'advanced',
        createdAt: 1,
        createdBy: '',
        owner: null,
        addresses: [],
        lastUsedAt: null,
        scope: wholeFleet,
        expiresAt: null,
      } as const;
      await store.transact(({ credentials }) =>
        credentials.insertKey({ ...key, comment: '', sealedSecret: new Uint8Array() }),
      );
      const taken = await Promise.all(
        [store, other, store, other, store, other].map((server) =>
          server.transact(({ credentials }) => credentials.spendNonce({ keyId: 1, nonceHash: 'n', expiresAt: 9 }, 1)),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      await other.close();
    }),
  );
}

function testBell(): void {
  test(
    'Whoever follows the record at one server hears of what another one wrote.',
    withStore(makePostgresPlace, async (store, place) => {
      const other = await place.open();
      const bell = new StoreEventBell({ store, clock: systemClock, log: { warn: () => undefined } });
      const { promise: looked, resolve: ringFirst } = Promise.withResolvers<void>();
      const { promise: rung, resolve: ring } = Promise.withResolvers<void>();
      await other.transact(({ events }) => events.append([eventOf('before')]));
      let rings = 0;
      const withdraw = bell.listen(() => {
        rings += 1;
        (rings === 1 ? ringFirst : ring)();
      });
      await looked;
      await other.transact(({ events }) => events.append([eventOf('written elsewhere')]));
      await rung;
      withdraw();
      await other.close();
    }),
  );
}

describe.skipIf(absent)(absent ? `PostgreSQL (skipped: ${reason})` : 'PostgreSQL', () => {
  describeStore('on PostgreSQL', makePostgresPlace);

  testMigration(makePostgresPlace, { types: postgresDialect.types, bytes: (hex) => `'\\x${hex}'` });

  test(
    'A PostgreSQL store may be shared by a cluster, and its servers take turns at writing.',
    withStore(makePostgresPlace, async (store, place) => {
      expect(store.reach).toBe('cluster');
      const other = await place.open();
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1, { lastSeen: 0 })));
      await Promise.all(
        [store, other, store, other, store, other].map((server) =>
          server.transact(async ({ endpoints }) => {
            const before = await endpoints.byId(endpointId(1));
            await endpoints.markSeen([endpointId(1)], (before?.lastSeen ?? 0) + 1, null);
          }),
        ),
      );
      expect((await other.read((reader) => reader.endpoints.byId(endpointId(1))))?.lastSeen).toBe(6);
      await other.close();
    }),
  );

  testSharedNonces();
  testTokenRaces();
  testBell();

  test('Servers that start together migrate once.', async () => {
    const place = await makePostgresPlace();
    const stores = await Promise.all([place.open(), place.open(), place.open()]);
    expect(await place.run('select version from schema_version')).toEqual([{ version: String(currentVersion) }]);
    await Promise.all(stores.map((store) => store.close()));
    await place.remove();
  });

  test('A connection that the server ends is unavailable once, and the store recovers.', async () => {
    const place = await makePostgresPlace();
    const store = await place.open();
    const killed = store.transact(async (transaction) => {
      await transaction.endpoints.insert(endpointOf(1));
      await place.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'custody'");
      await transaction.endpoints.insert(endpointOf(2));
    });
    await expectFault(killed, 'unavailable');
    await store.transact((transaction) => transaction.endpoints.insert(endpointOf(3)));
    const found = await store.read((reader) => reader.endpoints.byIds([1, 2, 3].map(endpointId)));
    expect(found).toEqual([endpointOf(3)]);
    await store.close();
    await place.remove();
  });

  test(
    'Work that the database asks to repeat is run again.',
    withStore(makePostgresPlace, async (store, place) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1, { lastSeen: 0 })));
      let runs = 0;
      await store.transact(async ({ endpoints }) => {
        runs += 1;
        const before = await endpoints.byId(endpointId(1));
        if (runs === 1) {
          // What an administrator may do with a client of the database: it asks for no writers' lock.
          await place.run('update endpoints set last_seen = 40');
        }
        await endpoints.markSeen([endpointId(1)], (before?.lastSeen ?? 0) + 1, null);
      });
      expect(runs).toBe(2);
      expect((await store.read((reader) => reader.endpoints.byId(endpointId(1))))?.lastSeen).toBe(41);
    }),
  );

  test('A dump of either database loads into the other.', async () => {
    const places = [await makeSqlitePlace(), await makePostgresPlace(), await makeSqlitePlace()] as const;
    const [first, second, third] = [await places[0].open(), await places[1].open(), await places[2].open()];
    await fillEveryTable(first);
    const dump = await dumpOf(first);
    await second.load(stream(dump));
    expect(await dumpOf(second)).toEqual(dump);
    await third.load(second.dump());
    expect(await dumpOf(third)).toEqual(dump);
    await Promise.all([first, second, third].map((store) => store.close()));
    await Promise.all(places.map((place) => place.remove()));
  });

  test('A database in another encoding is refused in words.', async () => {
    const place = await makePostgresPlace();
    const name = `${new URL(place.url).pathname.slice(1)}_latin`;
    await place.run(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    const url = new URL(place.url);
    url.pathname = `/${name}`;
    const opening = openPostgresStore({ url: url.href, deadline: 1_000, clock: testClock });
    expect((await expectFault(opening, 'conflict')).message).toContain('UTF-8');
    await place.run(`drop database ${name}`);
    await place.remove();
  });
});

test('A PostgreSQL server that is not there is unavailable.', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  await new Promise((resolve) => taken.close(resolve));
  const port = typeof address === 'object' && address !== null ? address.port : 1;
  const url = `postgres://custody:secret@127.0.0.1:${port}/custody`;
  const fault = await expectFault(openPostgresStore({ url, deadline: 1_000, clock: testClock }), 'unavailable');
  expect(fault.message).not.toContain('secret');
});
