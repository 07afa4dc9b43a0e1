import { describe, expect, test } from 'bun:test';
import { expectFault, type MakePlace, withStore } from './place.ts';

const mine = { principalKind: 'key', principalId: '7', keyHash: 'a'.repeat(64) } as const;
const answered = { ...mine, sealed: new Uint8Array([0, 255, 1]), expiresAt: 1_000 };

export function describeIdempotency(makePlace: MakePlace): void {
  describe('keeps what was answered under a key', () => {
    test(
      'An answer belongs to one principal and one key, and is written once.',
      withStore(makePlace, async (store) => {
        const byKey = (key: typeof answered | object) =>
          store.read(({ idempotency }) => idempotency.byKey({ ...mine, ...key }));
        expect(await byKey(mine)).toBeUndefined();
        await store.transact(({ idempotency }) => idempotency.insert(answered));
        expect(await byKey(mine)).toEqual(answered);
        for (const other of [{ principalKind: 'user' }, { principalId: '8' }, { keyHash: 'b' }]) {
          expect(await byKey(other)).toBeUndefined();
        }
        await expectFault(
          store.transact(({ idempotency }) => idempotency.insert({ ...answered, expiresAt: 5 })),
          'conflict',
        );
        expect(await byKey(mine)).toEqual(answered);
      }),
    );
    test(
      'A store in which nothing can be written says so.',
      withStore(makePlace, async (store, place) => {
        await store.demandWritable();
        const impatient = store.reach === 'cluster' ? await place.open(200) : store;
        const unblock = await place.blockWriters();
        await expectFault(impatient.demandWritable(), 'timeout');
        await unblock();
        await impatient.demandWritable();
      }),
    );
    test(
      'Answers are counted for each principal, and deleted at their end.',
      withStore(makePlace, async (store) => {
        await store.transact(async ({ idempotency }) => {
          await idempotency.insert(answered);
          await idempotency.insert({ ...answered, keyHash: 'b', expiresAt: 1_001 });
          await idempotency.insert({ ...answered, principalId: '8' });
        });
        const count = () => store.read(({ idempotency }) => idempotency.count(mine));
        expect(await count()).toBe(2);
        await store.transact(({ idempotency }) => idempotency.deleteExpired(999));
        expect(await count()).toBe(2);
        await store.transact(({ idempotency }) => idempotency.deleteExpired(1_000));
        expect(await count()).toBe(1);
        expect(await store.read(({ idempotency }) => idempotency.byKey(mine))).toBeUndefined();
      }),
    );
  });
}
