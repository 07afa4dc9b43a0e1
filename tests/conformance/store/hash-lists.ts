import { describe, expect, test } from 'bun:test';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { HashListFilter, HashListOrder } from '#core/ports/store/hash-lists.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';

export function listedOf(hash: string, more: Partial<ListedHash> = {}): ListedHash {
  return {
    hash,
    algorithm: 'sha256',
    list: 'block',
    prevent: true,
    comment: 'ü',
    incidentId: null,
    listedBy: { kind: 'user', id: 'u', name: 'ana', role: 'Responder' },
    dialect: 'native',
    listedAt: 1_000,
    expiresAt: null,
    ...more,
  };
}

async function hashesOf(store: Store, filter: HashListFilter): Promise<readonly string[]> {
  const found = await store.read(({ hashLists }) => hashLists.list(filter, { offset: 0, limit: 100 }));
  expect(found.total).toBe(found.items.length);
  return found.items.map(({ hash }) => hash);
}

export function describeHashLists(makePlace: MakePlace): void {
  describe('keeps lists of hashes', () => {
    test(
      'A hash is on one list, the last that it was put on; entries are listed newest first.',
      withStore(makePlace, async (store) => {
        const allowed = listedOf('a', { list: 'allow', prevent: false, listedAt: 3_000, incidentId: '7' });
        await store.transact(async ({ hashLists }) => {
          await hashLists.put([]);
          await hashLists.put([listedOf('a'), listedOf('b', { algorithm: 'md5', expiresAt: 2_000 }), listedOf('c')]);
          await hashLists.put([listedOf('a'), allowed]);
        });
        expect(await store.read(({ hashLists }) => hashLists.byHashes(['a', 'x']))).toEqual([allowed]);
        expect(await store.read(({ hashLists }) => hashLists.byHashes([]))).toEqual([]);
        const preventing = (at: number) => store.read(({ hashLists }) => hashLists.anyPreventing(at));
        expect(await preventing(9_000)).toBe(true);
        expect(await hashesOf(store, {})).toEqual(['a', 'b', 'c']);
        expect(await hashesOf(store, { list: 'block' })).toEqual(['b', 'c']);
        expect(await hashesOf(store, { at: 1_999 })).toEqual(['a', 'b', 'c']);
        expect(await hashesOf(store, { at: 2_000 })).toEqual(['a', 'c']);
        expect(await hashesOf(store, { hashes: ['c'] })).toEqual(['c']);
        expect(await store.transact(({ hashLists }) => hashLists.remove(['a', 'x']))).toEqual(['a']);
        expect(await store.transact(({ hashLists }) => hashLists.remove(['a']))).toEqual([]);
        expect(await hashesOf(store, {})).toEqual(['b', 'c']);
        await store.transact(({ hashLists }) => hashLists.put([listedOf('c', { prevent: false })]));
        expect(await preventing(1_999)).toBe(true);
        expect(await preventing(2_000)).toBe(false);
        await store.transact(({ hashLists }) => hashLists.removeExpired(1_999));
        expect(await hashesOf(store, {})).toEqual(['b', 'c']);
        await store.transact(({ hashLists }) => hashLists.removeExpired(2_000));
        expect(await hashesOf(store, {})).toEqual(['c']);
      }),
    );
    test(
      'Listed hashes are found by parts of texts in any case, by what they do, and ordered as asked.',
      withStore(makePlace, async (store) => {
        await store.transact(({ hashLists }) =>
          hashLists.put([
            listedOf('abc', { comment: '50% Übel', expiresAt: 5_000 }),
            listedOf('bcd', { comment: 'Ransom_note', prevent: false, listedAt: 2_000 }),
            listedOf('cde', {
              listedBy: { ...listedOf('x').listedBy, name: 'Ben' },
              listedAt: 3_000,
              expiresAt: 4_000,
            }),
          ]),
        );
        expect(await hashesOf(store, { hashContains: 'BC' })).toEqual(['bcd', 'abc']);
        expect(await hashesOf(store, { commentContains: 'rANSOM_' })).toEqual(['bcd']);
        expect(await hashesOf(store, { commentContains: 'Übel' })).toEqual(['abc']);
        expect(await hashesOf(store, { commentContains: '%' })).toEqual(['abc']);
        expect(await hashesOf(store, { listedByContains: 'be' })).toEqual(['cde']);
        expect(await hashesOf(store, { prevent: false })).toEqual(['bcd']);
        expect(await hashesOf(store, { prevent: true, hashContains: 'c', at: 4_500 })).toEqual(['abc']);
        const ordered = async (by: HashListOrder['by'], direction: HashListOrder['direction']) => {
          const page = { offset: 0, limit: 10 };
          const found = await store.read(({ hashLists }) => hashLists.list({}, page, { by, direction }));
          return found.items.map(({ hash }) => hash).join(' ');
        };
        expect(await ordered('hash', 'descending')).toBe('cde bcd abc');
        expect(await ordered('listedAt', 'ascending')).toBe('abc bcd cde');
        expect(await ordered('expiresAt', 'ascending')).toBe('cde abc bcd');
        expect(await ordered('expiresAt', 'descending')).toBe('bcd abc cde');
      }),
    );
  });
}
