import { describe, expect, test } from 'bun:test';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { endpointId, endpointOf, eventOf } from './records.ts';

const token = {
  id: 't1',
  tokenHash: 'ab'.repeat(32),
  usesLeft: 1,
  tags: [],
  createdAt: 1,
  createdBy: 'u1',
  expiresAt: 9_000,
  addresses: [],
  revokedAt: null,
};

async function addOne(store: Store): Promise<void> {
  await store.transact(async (transaction) => {
    const before = await transaction.endpoints.byId(endpointId(1));
    // Gives a rival every chance to read the same number.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await transaction.endpoints.markSeen([endpointId(1)], (before?.lastSeen ?? 0) + 1, null);
  });
}

export function describeConcurrency(makePlace: MakePlace): void {
  describe('keeps concurrent work apart', () => {
    test(
      'Increments that run side by side all survive.',
      withStore(makePlace, async (store) => {
        await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1, { lastSeen: 0 })));
        await Promise.all(Array.from({ length: 12 }, () => addOne(store)));
        expect((await store.read((reader) => reader.endpoints.byId(endpointId(1))))?.lastSeen).toBe(12);
      }),
    );

    test(
      'A token with one use is spent once, however many ask at once.',
      withStore(makePlace, async (store) => {
        await store.transact((transaction) => transaction.credentials.insertToken(token));
        const spent = await Promise.all(
          Array.from({ length: 10 }, () =>
            store.transact((transaction) => transaction.credentials.spendToken(token.tokenHash, 10)),
          ),
        );
        expect(spent.filter((each) => each !== undefined)).toEqual([{ ...token, usesLeft: 0 }]);
      }),
    );

    test(
      'Events appended side by side are numbered without a gap, also when one of the writers fails.',
      withStore(makePlace, async (store) => {
        const append = (number: number) =>
          store.transact(async (transaction) => {
            await transaction.events.append([eventOf(`${number}a`), eventOf(`${number}b`)]);
            if (number === 3) {
              throw new Error('no');
            }
          });
        await Promise.allSettled(Array.from({ length: 8 }, (_, number) => append(number)));
        const events = await store.read((reader) => reader.events.list({}, 0, 100));
        expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
      }),
    );

    test(
      'A read sees one snapshot, whatever is committed meanwhile.',
      withStore(makePlace, async (store) => {
        await store.transact((transaction) => transaction.endpoints.insert(endpointOf(1)));
        const seen = await store.read(async (reader) => {
          const before = await reader.endpoints.byIds([1, 2].map(endpointId));
          await store.transact((transaction) => transaction.endpoints.insert(endpointOf(2)));
          const after = await reader.endpoints.byIds([1, 2].map(endpointId));
          return [before.length, after.length];
        });
        expect(seen).toEqual([1, 1]);
        expect((await store.read((reader) => reader.endpoints.byIds([1, 2].map(endpointId)))).length).toBe(2);
      }),
    );

    test(
      'Writers are served in the order in which they came.',
      withStore(makePlace, async (store) => {
        await Promise.all(
          Array.from({ length: 10 }, (_, number) =>
            store.transact((transaction) => transaction.events.append([eventOf(String(number))])),
          ),
        );
        const events = await store.read((reader) => reader.events.list({}, 0, 100));
        const order = events.map((event) => Number(event.facts['text']));
        expect(order.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 10 }, (_, n) => n));
        if (store.reach === 'process') {
          expect(order).toEqual(Array.from({ length: 10 }, (_, n) => n));
        }
      }),
    );
  });
}
