import { describe, expect, test } from 'bun:test';
import { roles } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';

const user = {
  id: 'u1',
  email: 'a@example.test',
  passwordHash: '$argon2id$x',
  role: roles[0],
  scope: wholeFleet,
  createdAt: 1,
  passwordChangedAt: 1,
  mustChangePassword: false,
  secondFactor: null,
};
const key = {
  name: 'soar',
  role: roles[2],
  scope: { kind: 'tags', tags: ['é', 'web'] },
  level: 'advanced',
  sealedSecret: Uint8Array.of(0, 1, 255),
  createdAt: 1,
  createdBy: 'u1',
  expiresAt: null,
  comment: 'for the SOAR – until spring',
} as const;
const token = {
  id: 't1',
  tokenHash: 'aa',
  usesLeft: 2,
  tags: ['é'],
  createdAt: 1,
  createdBy: 'u1',
  expiresAt: 100,
  addresses: ['192.0.2.0/24', '2001:db8::/32'],
  revokedAt: null,
};

export function describeCredentials(makePlace: MakePlace): void {
  describe('keeps credentials', () => {
    logIns(makePlace);
    keys(makePlace);
    test(
      'Users are found by id and by address, and an address is taken once.',
      withStore(makePlace, async (store) => {
        const second = {
          ...user,
          id: 'u2',
          email: 'b@example.test',
          role: roles[5],
          scope: { kind: 'tags', tags: ['web'] },
          createdAt: 2,
        } as const;
        await store.transact(async (transaction) => {
          await transaction.credentials.insertUser(second);
          await transaction.credentials.insertUser(user);
        });
        await store.read(async ({ credentials }) => {
          expect(await credentials.userById('u1')).toEqual(user);
          expect(await credentials.userByEmail('b@example.test')).toEqual(second);
          expect(await credentials.userByEmail('c@example.test')).toBeUndefined();
          expect(await credentials.users()).toEqual([user, second]);
        });
        await expectFault(
          store.transact((transaction) => transaction.credentials.insertUser({ ...user, id: 'u3' })),
          'conflict',
        );
      }),
    );

    test(
      'A token is spent while it has uses, until it expires.',
      withStore(makePlace, async (store) => {
        const spend = (hash: string, now: number) =>
          store.transact(({ credentials }) => credentials.spendToken(hash, now));
        await store.transact(({ credentials }) => credentials.insertToken(token));
        expect(await spend('unknown', 1)).toBeUndefined();
        expect(await spend('aa', 100)).toBeUndefined();
        expect(await spend('aa', 99)).toEqual({ ...token, usesLeft: 1 });
        expect(await spend('aa', 99)).toEqual({ ...token, usesLeft: 0 });
        expect(await spend('aa', 99)).toBeUndefined();
        expect(await store.read(({ credentials }) => credentials.tokens())).toEqual([{ ...token, usesLeft: 0 }]);
      }),
    );
  });
}

function keys(makePlace: MakePlace): void {
  test(
    'Keys are numbered 1, 2, 3, and keep their sealed bytes.',
    withStore(makePlace, async (store) => {
      const made = await store.transact(async ({ credentials }) => [
        await credentials.insertKey(key),
        await credentials.insertKey({ ...key, expiresAt: 9 }),
      ]);
      expect(made).toEqual([
        { ...key, id: 1 },
        { ...key, id: 2, expiresAt: 9 },
      ]);
      expect(await store.read(({ credentials }) => credentials.keys())).toEqual(made);
      expect(await store.read(({ credentials }) => credentials.keyById(2))).toEqual({ ...key, id: 2, expiresAt: 9 });
      expect(await store.read(({ credentials }) => credentials.keyById(3))).toBeUndefined();
    }),
  );

  test(
    'A deleted key is gone with its secret, once, and no later key has its id.',
    withStore(makePlace, async (store) => {
      const gone = await store.transact(async ({ credentials }) => {
        await credentials.insertKey(key);
        await credentials.insertKey(key);
        return [
          await credentials.deleteKey(2, 5),
          await credentials.deleteKey(2, 6),
          await credentials.deleteKey(9, 6),
        ];
      });
      expect(gone).toEqual([true, false, false]);
      const next = await store.transact(({ credentials }) => credentials.insertKey(key));
      expect(next.id).toBe(3);
      expect(await store.read(({ credentials }) => credentials.keyById(2))).toBeUndefined();
      expect((await store.read(({ credentials }) => credentials.keys())).map(({ id }) => id)).toEqual([1, 3]);
      const secrets: unknown[] = [];
      for await (const { table, row } of store.dump()) {
        secrets.push(...(table === 'api_keys' ? [row['sealed_secret']] : []));
      }
      expect(secrets).toEqual([{ base64: 'AAH/' }, { base64: '' }, { base64: 'AAH/' }]);
    }),
  );

  test(
    'A nonce is taken once for each key, by rivals too, and forgotten when it has expired.',
    withStore(makePlace, async (store) => {
      await store.transact(async ({ credentials }) => {
        await credentials.insertKey(key);
        await credentials.insertKey(key);
      });
      const spend = (keyId: number, nonceHash: string, now: number) =>
        store.transact(({ credentials }) => credentials.spendNonce({ keyId, nonceHash, expiresAt: 100 }, now));
      const rivals = await Promise.all(Array.from({ length: 8 }, () => spend(1, 'a', 1)));
      expect(rivals.filter(Boolean)).toHaveLength(1);
      expect([await spend(2, 'a', 1), await spend(1, 'b', 1), await spend(1, 'a', 100)]).toEqual([true, true, false]);
      expect(await spend(1, 'c', 101)).toBe(true);
      const kept: unknown[] = [];
      for await (const { table, row } of store.dump()) {
        kept.push(...(table === 'key_nonces' ? [row] : []));
      }
      expect(kept).toHaveLength(1);
    }),
  );
}

function logIns(makePlace: MakePlace): void {
  test(
    'A user changes as a whole; sessions change, and end but for one.',
    withStore(makePlace, async (store) => {
      const secondFactor = {
        ...{ sealedSecret: Uint8Array.of(0, 255), active: true, lastStep: 59_000_000 },
        ...{ failures: 3, failedAt: 1_800_000_000_000 },
      };
      const changed = { ...user, passwordHash: 'new', passwordChangedAt: 9, mustChangePassword: true, secondFactor };
      const session = (tokenHash: string) => ({
        ...{ tokenHash, userId: 'u1', createdAt: 1, expiresAt: 99 },
        ...({ stage: 'second_factor', failures: 0, newPasswordHash: null } as const),
      });
      const later = { stage: 'new_password', failures: 2, newPasswordHash: 'new' } as const;
      await store.transact(async ({ credentials }) => {
        await credentials.insertUser(user);
        await credentials.updateUser(changed);
        for (const hash of ['a', 'b', 'c']) {
          await credentials.insertSession(session(hash));
        }
        await credentials.updateSession({ tokenHash: 'b', ...later });
        await credentials.deleteSessionsOf('u1', 'b');
      });
      await store.read(async ({ credentials }) => {
        expect(await credentials.userById('u1')).toEqual(changed);
        expect(await credentials.sessionByTokenHash('a')).toBeUndefined();
        expect(await credentials.sessionByTokenHash('b')).toEqual({ ...session('b'), ...later });
      });
      await store.transact(({ credentials }) => credentials.deleteSessionsOf('u1', undefined));
      expect(await store.read(({ credentials }) => credentials.sessionByTokenHash('b'))).toBeUndefined();
    }),
  );

  test(
    'Sessions end by hand and by age.',
    withStore(makePlace, async (store) => {
      const session = (tokenHash: string, expiresAt: number) => ({
        tokenHash,
        userId: 'u1',
        createdAt: 1,
        expiresAt,
        stage: 'open' as const,
        failures: 0,
        newPasswordHash: null,
      });
      await store.transact(async ({ credentials }) => {
        await credentials.insertUser(user);
        await credentials.insertSession(session('a', 10));
        await credentials.insertSession(session('b', 11));
        await credentials.insertSession(session('c', 12));
        await credentials.deleteSessionsExpiredBefore(11);
        await credentials.deleteSession('c');
        await credentials.deleteSession('unknown');
      });
      const found = await store.read(({ credentials }) =>
        Promise.all(['a', 'b', 'c'].map((hash) => credentials.sessionByTokenHash(hash))),
      );
      expect(found).toEqual([undefined, session('b', 11), undefined]);
    }),
  );
}
