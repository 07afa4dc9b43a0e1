import { describe, expect, test } from 'bun:test';
import type { Guid } from '#core/file/guid.ts';
import type { Departed, QuarantineFilter, TakenFilter } from '#core/ports/store/quarantine.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, endpointId, plant, quarantineOf, sha256Of, vaultObject } from './records.ts';

async function objects(store: Store, filter: QuarantineFilter): Promise<readonly string[]> {
  const found = await store.read((reader) => reader.quarantine.list(filter, { offset: 0, limit: 100 }));
  expect(found.total).toBe(found.items.length);
  return found.items.map((record) => record.vaultObject);
}

export function describeQuarantine(makePlace: MakePlace): void {
  describe('keeps quarantine', () => {
    listings(makePlace);
    contents(makePlace);
    holders(makePlace);
    takings(makePlace);
    changes(makePlace);
  });
}

function listings(makePlace: MakePlace): void {
  test(
    'Records are listed newest first, by endpoint, hash, state and action.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const records = [
        quarantineOf(1),
        quarantineOf(2, { endpointId: endpointId(2) }),
        quarantineOf(3, { sha256: sha256Of('other'), actionId: actionId(7) }),
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
      expect(await objects(store, { actionIds: [actionId(1)] })).toEqual([4, 2, 1].map(vaultObject));
      expect(await objects(store, { actionIds: [actionId(7)], states: ['held'] })).toEqual([vaultObject(3)]);
      expect(await objects(store, { actionIds: [] })).toEqual([]);
    }),
  );

  test(
    'What is held at thousands of places is found at once, pair by pair.',
    withStore(makePlace, async (store) => {
      await plant(store, 3);
      const hash = (number: number) => sha256Of(String(number));
      const records = Array.from({ length: 900 }, (_, number) =>
        quarantineOf(number, {
          endpointId: endpointId((number % 3) + 1),
          sha256: hash(number),
          displayPath: `/srv/${number}`,
          state: number % 10 === 0 ? 'restored' : 'held',
        }),
      );
      await store.transact((transaction) => transaction.quarantine.insert(records));
      const places = records.map(({ sha256 }) => ({ endpointId: endpointId(1), sha256 }));
      const elsewhere = Array.from({ length: 20_000 }, (_, number) => ({
        ...{ endpointId: endpointId(2), sha256: hash(1_000 + number) },
      }));
      const found = await store.read((reader) => reader.quarantine.heldAt([...places, ...places, ...elsewhere]));
      const expected = records.filter(({ state }, number) => number % 3 === 0 && state === 'held');
      const names = ({ endpointId: id, sha256, displayPath }: (typeof found)[number]) =>
        `${id} ${sha256} ${displayPath}`;
      expect(found.map(names).toSorted()).toEqual(expected.map(names).toSorted());
      expect(await store.read((reader) => reader.quarantine.heldAt([]))).toEqual([]);
      const asked = { endpointIds: [endpointId(1), endpointId(9)], sha256: [hash(0), hash(3), hash(4)] };
      const known = await store.read((reader) => reader.quarantine.placesAmong(asked));
      expect(known.map(({ sha256 }) => sha256).toSorted()).toEqual([hash(0), hash(3)].toSorted());
      expect(await store.read((reader) => reader.quarantine.placesAmong({ ...asked, sha256: [] }))).toEqual([]);
    }),
  );

  test(
    'What is held is found by the GUID that a file had and by its own, the newest first.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const [first, second, third, fourth] = [
        quarantineOf(1),
        quarantineOf(2),
        quarantineOf(3, { fileGuid: 'x' as Guid }),
        quarantineOf(4, { state: 'purged' }),
      ];
      await store.transact(({ quarantine }) => quarantine.insert([first, second, third, fourth]));
      const held = (...guids: Guid[]) => store.read((reader) => reader.quarantine.heldByGuids(guids));
      expect(await held(first.fileGuid)).toEqual([second, first]);
      expect(await held(third.guid, fourth.guid)).toEqual([third]);
      expect(await held(first.guid, first.fileGuid)).toEqual([second, first]);
      expect(await held()).toEqual([]);
    }),
  );
}

function contents(makePlace: MakePlace): void {
  test(
    'Records are counted by their content, the last one first, and found by part of their path in any case.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const other = sha256Of('other');
      const at = (path: string) => ({ displayPath: path });
      const records = [
        quarantineOf(1, at('/srv/b/Evil_1.BIN')),
        quarantineOf(2, { ...at('/srv/a/evil.bin'), endpointId: endpointId(2), damagedAt: 9 }),
        quarantineOf(3, { ...at('/srv/z%.bin'), sha256: other, size: 7 }),
        quarantineOf(4, { ...at('/srv/a/evil.bin'), state: 'restored', restoredAt: 5, restoredBy: actionId(1) }),
      ];
      await store.transact((transaction) => transaction.quarantine.insert(records));
      const counted = (filter: QuarantineFilter, page = { offset: 0, limit: 9 }) =>
        store.read((reader) => reader.quarantine.contents(filter, page));
      const whole = await counted({});
      expect(whole).toMatchObject({ total: 2, items: [{ sha256: quarantineOf(1).sha256 }, { sha256: other }] });
      expect(whole.items[0]).toMatchObject({
        ...{ objects: { held: 2, restored: 1, purged: 0, lost: 0 }, damaged: 1, endpoints: 2, paths: 2 },
        samplePath: '/srv/a/evil.bin',
        firstQuarantinedAt: records[0]?.quarantinedAt,
        lastQuarantinedAt: records[3]?.quarantinedAt,
      });
      expect(whole.items[1]).toMatchObject({ size: 7, endpoints: 1, paths: 1, damaged: 0 });
      expect(await counted({}, { offset: 1, limit: 1 })).toEqual({ total: 2, items: whole.items.slice(1) });
      expect((await counted({ states: ['restored'] })).items).toMatchObject([
        { objects: { held: 0, restored: 1, purged: 0, lost: 0 }, damaged: 0 },
      ]);
      expect((await counted({ pathContains: 'EVIL' })).total).toBe(1);
      expect(await objects(store, { pathContains: 'EVIL' })).toEqual([4, 2, 1].map(vaultObject));
      expect(await objects(store, { pathContains: '%' })).toEqual([vaultObject(3)]);
      expect(await objects(store, { pathContains: 'l_1' })).toEqual([vaultObject(1)]);
      expect(await counted({ states: [] })).toEqual({ items: [], total: 0 });
    }),
  );
}

function holders(makePlace: MakePlace): void {
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
      const ends = [endpointId(1), endpointId(2), endpointId(3)];
      expect(await store.read(({ quarantine }) => quarantine.holding(ends.slice(0, 2)))).toEqual([endpointId(1)]);
      const holders = await store.read((reader) => reader.quarantine.endpointsWith(sha256Of('evil'), 'held'));
      expect(holders.toSorted()).toEqual([1, 3].map(endpointId));
      const held = await store.read((reader) => reader.quarantine.countHeld(sha256Of('evil')));
      expect(held).toEqual({ objects: 3, endpoints: 2 });
      expect(await store.read((reader) => reader.quarantine.countHeld(sha256Of('other')))).toEqual({
        ...{ objects: 0, endpoints: 0 },
      });
    }),
  );
}

function takings(makePlace: MakePlace): void {
  test(
    'What actions put into vaults is found by the action, whatever became of it, everywhere or on some endpoints.',
    withStore(makePlace, async (store) => {
      await plant(store, 3);
      await store.transact((transaction) =>
        transaction.quarantine.insert([
          quarantineOf(1, { actionId: actionId(1) }),
          quarantineOf(2, { actionId: actionId(1), endpointId: endpointId(2), state: 'restored' }),
          quarantineOf(3, { actionId: actionId(2) }),
          quarantineOf(4, { actionId: null }),
        ]),
      );
      const taken = async (filter: TakenFilter) =>
        (await store.read((reader) => reader.quarantine.takenBy(filter))).toSorted((one, other) =>
          one.vaultObject < other.vaultObject ? -1 : 1,
        );
      const common = { sha256: sha256Of('evil'), actionId: actionId(1) };
      const one = { ...common, vaultObject: vaultObject(1), endpointId: endpointId(1), state: 'held' } as const;
      const two = { ...common, vaultObject: vaultObject(2), endpointId: endpointId(2), state: 'restored' } as const;
      expect(await taken({ actionIds: [actionId(1)] })).toEqual([one, two]);
      expect(await taken({ actionIds: [actionId(1)], endpointIds: [endpointId(2), endpointId(3)] })).toEqual([two]);
      expect(await taken({ actionIds: [actionId(3)] })).toEqual([]);
    }),
  );
}

function changes(makePlace: MakePlace): void {
  test(
    'A known vault object is left as it is, and only its own endpoint restores it, once.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const restored = (object: number, endpoint: number, at: number): Departed => ({
        vaultObject: vaultObject(object),
        endpointId: endpointId(endpoint),
        at,
        by: actionId(1),
        state: 'restored',
      });
      await store.transact(async (transaction) => {
        await transaction.quarantine.insert([quarantineOf(1), quarantineOf(2)]);
        await transaction.quarantine.insert([quarantineOf(1, { size: 1 }), quarantineOf(3)]);
        await transaction.quarantine.markDeparted([restored(1, 1, 50), restored(2, 2, 50), restored(9, 1, 50)]);
        await transaction.quarantine.markDeparted([restored(1, 1, 60)]);
        await transaction.quarantine.markDeparted([]);
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
    'Who took an object may be learnt later; an object that left by an action is never brought back.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const unknown = quarantineOf(1, { actionId: null });
      await store.transact(async ({ quarantine }) => {
        await quarantine.insert([unknown, quarantineOf(1, { actionId: actionId(9) }), quarantineOf(2)]);
        await quarantine.insert([quarantineOf(1, { endpointId: endpointId(2), actionId: actionId(8) })]);
        const left = { endpointId: endpointId(1), at: 50, by: actionId(1), state: 'purged' } as const;
        expect(await quarantine.markDeparted([{ ...left, vaultObject: vaultObject(1) }])).toEqual([unknown.fileGuid]);
        await quarantine.insert([quarantineOf(1, { actionId: actionId(7) })]);
      });
      expect(await store.read((reader) => reader.quarantine.byObjects([1, 9].map(vaultObject)))).toEqual([
        { ...unknown, actionId: actionId(7), state: 'purged', restoredAt: 50, restoredBy: actionId(1) },
      ]);
      expect(await store.read((reader) => reader.quarantine.byObjects([]))).toEqual([]);
    }),
  );

  test(
    'Objects are lost and found by their own endpoint only, and may still be told to have left.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const of = (endpoint: number, ...objects: number[]) => ({
        endpointId: endpointId(endpoint),
        vaultObjects: objects.map(vaultObject),
      });
      const left = { endpointId: endpointId(1), at: 50, by: actionId(1), state: 'restored' } as const;
      await store.transact(async ({ quarantine }) => {
        await quarantine.insert([1, 2, 3, 4].map((number) => quarantineOf(number)));
        await quarantine.markLost(of(2, 1, 2, 3, 4));
        await quarantine.markLost(of(1, 1, 2, 3));
        await quarantine.markFound(of(2, 1));
        await quarantine.markFound(of(1, 2, 4));
        await quarantine.markDeparted([{ ...left, vaultObject: vaultObject(3) }]);
        await quarantine.markFound(of(1, 3));
      });
      expect(await objects(store, { states: ['lost'] })).toEqual([vaultObject(1)]);
      expect(await objects(store, { states: ['held'] })).toEqual([4, 2].map(vaultObject));
      expect(await objects(store, { states: ['restored'] })).toEqual([vaultObject(3)]);
      expect(await objects(store, { vaultObjects: [2, 3].map(vaultObject) })).toEqual([3, 2].map(vaultObject));
      const old = await store.read((reader) => reader.quarantine.heldBefore(endpointId(1), 1_004));
      expect(old).toEqual([quarantineOf(2)]);
    }),
  );

  test(
    'Damage of an object is told once.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const damaged = { endpointId: endpointId(1), vaultObjects: [1, 2, 9].map(vaultObject) };
      await store.transact(async ({ quarantine }) => {
        await quarantine.insert([quarantineOf(1), quarantineOf(2, { state: 'restored' })]);
        expect(await quarantine.markDamaged({ ...damaged, endpointId: endpointId(2) }, 5)).toEqual([]);
        expect(await quarantine.markDamaged(damaged, 5)).toEqual([vaultObject(1)]);
        expect(await quarantine.markDamaged(damaged, 6)).toEqual([]);
      });
      expect(await store.read((reader) => reader.quarantine.byObjects([vaultObject(1)]))).toEqual([
        quarantineOf(1, { damagedAt: 5 }),
      ]);
    }),
  );
}
