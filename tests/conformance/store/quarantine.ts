import { describe, expect, test } from 'bun:test';
import type { QuarantineFilter } from '#core/ports/store/quarantine.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, endpointId, plant, quarantineOf, sha256Of, vaultObject } from './records.ts';

async function objects(store: Store, filter: QuarantineFilter): Promise<readonly string[]> {
  const found = await store.read((reader) => reader.quarantine.list(filter, { offset: 0, limit: 100 }));
  expect(found.total).toBe(found.items.length);
  return found.items.map((record) => record.vaultObject);
}

export function describeQuarantine(makePlace: MakePlace): void {
  describe('keeps quarantine and evidence', () => {
    test(
      'Records are listed newest first, by endpoint, hash and state.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        const records = [
          quarantineOf(1),
          quarantineOf(2, { endpointId: endpointId(2) }),
          quarantineOf(3, { sha256: sha256Of('other') }),
          quarantineOf(4, { state: 'restored', restoredAt: 5, restoredBy: actionId(1) }),
        ];
        await store.transact((transaction) => transaction.quarantine.insert(records));
        const page = await store.read((reader) => reader.quarantine.list({}, { offset: 1, limit: 2 }));
        expect(page).toEqual({ total: 4, items: records.slice(1, 3).toReversed() });
        expect(await objects(store, {})).toEqual([4, 3, 2, 1].map(vaultObject));
        expect(await objects(store, { endpointIds: [endpointId(2)] })).toEqual([vaultObject(2)]);
        expect(await objects(store, { sha256: [sha256Of('other')] })).toEqual([vaultObject(3)]);
        expect(await objects(store, { states: ['restored'] })).toEqual([vaultObject(4)]);
        expect(await objects(store, { states: [] })).toEqual([]);
      }),
    );

    test(
      'The endpoints that hold a hash are each named once.',
      withStore(makePlace, async (store) => {
        await plant(store, 3);
        await store.transact((transaction) =>
          transaction.quarantine.insert([
            quarantineOf(1),
            quarantineOf(2),
            quarantineOf(3, { endpointId: endpointId(3) }),
            quarantineOf(4, { endpointId: endpointId(2), state: 'restored' }),
          ]),
        );
        const holders = await store.read((reader) => reader.quarantine.endpointsWith(sha256Of('evil'), 'held'));
        expect(holders.toSorted()).toEqual([1, 3].map(endpointId));
      }),
    );

    test(
      'A known vault object is left as it is, and only its own endpoint restores it, once.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        const restored = (object: number, endpoint: number, at: number) => ({
          vaultObject: vaultObject(object),
          endpointId: endpointId(endpoint),
          at,
          by: actionId(1),
        });
        await store.transact(async (transaction) => {
          await transaction.quarantine.insert([quarantineOf(1), quarantineOf(2)]);
          await transaction.quarantine.insert([quarantineOf(1, { size: 1 }), quarantineOf(3)]);
          await transaction.quarantine.markRestored([restored(1, 1, 50), restored(2, 2, 50), restored(9, 1, 50)]);
          await transaction.quarantine.markRestored([restored(1, 1, 60)]);
          await transaction.quarantine.markRestored([]);
        });
        const { items } = await store.read((reader) => reader.quarantine.list({}, { offset: 0, limit: 9 }));
        expect(items).toEqual([
          quarantineOf(3),
          quarantineOf(2),
          quarantineOf(1, { state: 'restored', restoredAt: 50, restoredBy: actionId(1) }),
        ]);
      }),
    );

    test(
      'Evidence is recorded once per hash.',
      withStore(makePlace, async (store) => {
        const record = { sha256: sha256Of('a'), size: Number.MAX_SAFE_INTEGER, storedAt: 5 };
        await store.transact(async (transaction) => {
          await transaction.evidence.insert(record);
          await transaction.evidence.insert({ ...record, size: 1 });
        });
        const asked = [sha256Of('a'), sha256Of('b')];
        expect(await store.read((reader) => reader.evidence.byHashes(asked))).toEqual([record]);
      }),
    );
  });
}
