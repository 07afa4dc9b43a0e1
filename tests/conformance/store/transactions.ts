import { describe, expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { endpointId, endpointOf } from './records.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function describeTransactions(makePlace: MakePlace): void {
  describe('runs work in transactions', () => {
    commits(makePlace);
    deadlines(makePlace);
    openings(makePlace);
  });
}

function commits(makePlace: MakePlace): void {
  test(
    'Work that throws leaves nothing behind, and its own error comes out.',
    withStore(makePlace, async (store) => {
      const reason = new Error('changed my mind');
      const failing = store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(1));
        throw reason;
      });
      expect(await failing.catch((error: unknown) => error)).toBe(reason);
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(1)))).toBeUndefined();
    }),
  );

  test(
    'A transaction reads its own writes, and returns what its work returns.',
    withStore(makePlace, async (store) => {
      const found = await store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(1));
        return transaction.endpoints.byId(endpointId(1));
      });
      expect(found).toEqual(endpointOf(1));
    }),
  );

  test(
    'A fault that work catches still undoes the whole transaction.',
    withStore(makePlace, async (store) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      const stubborn = store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(2));
        await transaction.endpoints.insert(endpointOf(1)).catch(() => undefined);
      });
      await expectFault(stubborn, 'conflict');
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(2)))).toBeUndefined();
    }),
  );

  test(
    'A reader that outlives its work is refused.',
    withStore(makePlace, async (store) => {
      const reader = await store.read(async (lent) => lent);
      await expectFault(reader.endpoints.byId(endpointId(1)), 'internal');
    }),
  );

  test(
    'What was committed is there for a store opened afterwards.',
    withStore(makePlace, async (store, place) => {
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      await store.close();
      const again = await place.open();
      expect(await again.read((reader) => reader.endpoints.byId(endpointId(1)))).toEqual(endpointOf(1));
      await again.close();
    }),
  );
}

function deadlines(makePlace: MakePlace): void {
  test(
    'A writer that waits for another past its deadline gets a timeout, wrote nothing, and the store works again.',
    withStore(makePlace, async (store, place) => {
      const release = await place.blockWriters();
      const started = performance.now();
      const late = store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)), { deadline: 300 });
      await expectFault(late, 'timeout');
      expect(performance.now() - started).toBeLessThan(2_000);
      await release();
      await pause(100);
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(1)))).toBeUndefined();
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(2)));
      expect(await store.read((reader) => reader.endpoints.byId(endpointId(2)))).toEqual(endpointOf(2));
    }),
  );

  test(
    'Readers go on, and so does the event loop, while writers are blocked.',
    withStore(makePlace, async (store, place) => {
      const release = await place.blockWriters();
      const blocked = store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
      const started = performance.now();
      expect(await store.read((reader) => reader.endpoints.byIds([endpointId(1)]))).toEqual([]);
      expect(performance.now() - started).toBeLessThan(1_000);
      await release();
      await blocked;
    }),
  );

  test(
    'Work that takes too long is rolled back, whole, though it goes on.',
    withStore(makePlace, async (store) => {
      let afterwards: unknown;
      const late = store.transact(
        async (transaction) => {
          await transaction.endpoints.insert(endpointOf(1));
          await pause(400);
          afterwards = await transaction.endpoints.insert(endpointOf(2)).catch((error: unknown) => error);
        },
        { deadline: 150 },
      );
      await expectFault(late, 'timeout');
      await store.transact((transaction) => transaction.endpoints.insert(endpointOf(3)));
      await pause(400);
      expect(afterwards).toBeInstanceOf(Fault);
      const found = await store.read((reader) => reader.endpoints.byIds([1, 2, 3].map(endpointId)));
      expect(found).toEqual([endpointOf(3)]);
    }),
  );

  test(
    'A read that takes too long gets a timeout, and the next one is served.',
    withStore(makePlace, async (store) => {
      await expectFault(
        store.read(() => pause(400), { deadline: 100 }),
        'timeout',
      );
      expect(await store.read((reader) => reader.endpoints.byIds([]))).toEqual([]);
    }),
  );

  test('A call that may concern the whole fleet has six times as long.', async () => {
    const place = await makePlace();
    const store = await place.open(200);
    const order = () =>
      store.transact((transaction) => pause(500).then(() => transaction.endpoints.insert(endpointOf(1))), {
        fleetWide: true,
      });
    await order();
    expect(await store.read((reader) => reader.endpoints.byId(endpointOf(1).id))).toBeDefined();
    await expectFault(
      store.transact(() => pause(2_000), { fleetWide: true }),
      'timeout',
    );
    await store.close();
    await place.remove();
  });

  test('A call that names no deadline has the one of the store.', async () => {
    const place = await makePlace();
    const store = await place.open(200);
    await expectFault(
      store.transact(() => pause(1_000)),
      'timeout',
    );
    await store.close();
    await place.remove();
  });
}

function openings(makePlace: MakePlace): void {
  test('A store that a newer program wrote is refused in words, and left alone.', async () => {
    const place = await makePlace();
    await (await place.open()).close();
    await place.pretendVersion(999);
    const fault = await expectFault(place.open(), 'conflict');
    expect(fault.message).toContain('version 999');
    expect(fault.message).not.toContain('\n');
    await place.remove();
  });

  test('A closed store answers with unavailable.', async () => {
    const place = await makePlace();
    const store = await place.open();
    await store.close();
    await expectFault(
      store.read((reader) => reader.endpoints.byIds([])),
      'unavailable',
    );
    await place.remove();
  });
}
