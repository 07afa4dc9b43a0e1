import { describe, expect, test } from 'bun:test';
import { type CustomRole, roles } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';

const user = {
  id: 'u1',
  email: 'a@example.test',
  passwordHash: '$argon2id$x',
  role: roles[0],
  scope: wholeFleet,
  createdAt: 1,
  disabledAt: null,
  passwordChangedAt: 1,
  mustChangePassword: false,
  secondFactor: null,
  identity: null,
};
const key = {
  name: 'soar',
  role: roles[2],
  scope: { kind: 'tags', tags: ['é', 'web'] },
  level: 'advanced',
  sealedSecret: Uint8Array.of(0, 1, 255),
  createdAt: 1,
  createdBy: 'u1',
  owner: 'u1',
  addresses: ['192.0.2.0/24'],
  lastUsedAt: null,
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
    customRoles(makePlace);
    changes(makePlace);
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

    test(
      'All tokens that are still good end at once.',
      withStore(makePlace, async (store) => {
        const expire = (now: number) => store.transact(({ credentials }) => credentials.expireTokens(now));
        await store.transact(async ({ credentials }) => {
          await credentials.insertToken(token);
          await credentials.insertToken({ ...token, id: 't2', tokenHash: 'bb', usesLeft: 0 });
          await credentials.insertToken({ ...token, id: 't3', tokenHash: 'cc', expiresAt: 50 });
        });
        expect(await expire(60)).toBe(1);
        expect(await expire(60)).toBe(0);
        const spent = await store.transact(({ credentials }) => credentials.spendToken('aa', 60));
        expect(spent).toBeUndefined();
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
        await credentials.insertKey({ ...key, owner: null });
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
      const owners = [1, 2, 9].map((id) => store.read(({ credentials }) => credentials.ownerOfKey(id)));
      expect(await Promise.all(owners)).toEqual([null, 'u1', undefined]);
      expect(await store.read(({ credentials }) => credentials.keysOwnedBy('u1'))).toEqual([2, 3]);
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
    'Users are found by who they are at a provider, and nobody is two users.',
    withStore(makePlace, async (store) => {
      const identity = { issuer: 'https://id.example.test', subject: 'Ada' };
      const ada = { ...user, passwordHash: null, identity };
      const other = { ...user, id: 'u2', email: 'b@example.test', identity: null };
      await store.transact(async ({ credentials }) => {
        await credentials.insertUser(ada);
        await credentials.insertUser(other);
        await credentials.insertUser({ ...other, id: 'u3', email: 'c@example.test' });
      });
      await store.read(async ({ credentials }) => {
        expect(await credentials.userByIdentity(identity)).toEqual(ada);
        expect(await credentials.userByIdentity({ ...identity, subject: 'ada' })).toBeUndefined();
        expect(await credentials.userByIdentity({ ...identity, issuer: 'https://id.example.test/' })).toBeUndefined();
      });
      const twins = [
        { ...ada, id: 'u4', email: 'd@example.test' },
        { ...other, id: 'u5', email: 'e@example.test', identity },
      ];
      for (const twin of twins) {
        await expectFault(
          store.transact(({ credentials }) => credentials.insertUser(twin)),
          'conflict',
        );
      }
      await expectFault(
        store.transact(({ credentials }) => credentials.updateUser({ ...other, identity })),
        'conflict',
      );
      await store.transact(({ credentials }) =>
        credentials.updateUser({ ...ada, identity: { ...identity, subject: 'x' } }),
      );
      await store.transact(({ credentials }) => credentials.updateUser({ ...other, identity }));
      expect((await store.read(({ credentials }) => credentials.userByIdentity(identity)))?.id).toBe('u2');
    }),
  );

  test(
    'What is good for one log-in is taken once, by rivals too, and forgotten when it has expired.',
    withStore(makePlace, async (store) => {
      const spend = (hash: string, now: number) =>
        store.transact(({ credentials }) => credentials.spendLogIn({ hash, expiresAt: 100 }, now));
      const rivals = await Promise.all(Array.from({ length: 8 }, () => spend('a', 1)));
      expect(rivals.filter(Boolean)).toHaveLength(1);
      expect([await spend('b', 1), await spend('a', 100), await spend('c', 101)]).toEqual([true, false, true]);
      const kept: unknown[] = [];
      for await (const { table, row } of store.dump()) {
        kept.push(...(table === 'spent_log_ins' ? [row] : []));
      }
      expect(kept).toHaveLength(1);
    }),
  );
}

function changes(makePlace: MakePlace): void {
  test(
    'A user changes as a whole; sessions change, and end but for one.',
    withStore(makePlace, async (store) => {
      const secondFactor = {
        ...{ sealedSecret: Uint8Array.of(0, 255), active: true, lastStep: 59_000_000 },
        ...{ failures: 3, failedAt: 1_800_000_000_000, recoveryCodes: ['aa', 'bb'] },
      };
      const named = { role: 'Night desk', disabledAt: 1_800_000_000_000 };
      const aged = { passwordChangedAt: 9, mustChangePassword: true };
      const changed = { ...user, ...named, ...aged, passwordHash: 'new', secondFactor };
      const session = (tokenHash: string) => ({
        ...({ tokenHash, userId: 'u1', dialect: 'native', remoteAddress: '192.0.2.1' } as const),
        ...{ createdAt: 1, lastUsedAt: 2, expiresAt: 99 },
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
        ...({ tokenHash, userId: 'u1', dialect: 'cybereason', remoteAddress: '' } as const),
        createdAt: 1,
        lastUsedAt: 1,
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

  test(
    'The sessions of a user are found, their use is kept, and they go with the user.',
    withStore(makePlace, async (store) => {
      const session = (tokenHash: string, lastUsedAt: number) => ({
        ...({ tokenHash, userId: 'u1', dialect: 'native', remoteAddress: '' } as const),
        ...{ createdAt: 1, lastUsedAt, expiresAt: 99 },
        ...({ stage: 'open', failures: 0, newPasswordHash: null } as const),
      });
      await store.transact(async ({ credentials }) => {
        await credentials.insertUser(user);
        await credentials.insertUser({ ...user, id: 'u2', email: 'b@example.test' });
        await credentials.insertSession(session('a', 1));
        await credentials.insertSession(session('b', 2));
        await credentials.insertSession({ ...session('c', 9), userId: 'u2' });
        await credentials.touchSession('a', 3);
        await credentials.touchSession('unknown', 3);
      });
      const of = (id: string) => store.read(({ credentials }) => credentials.sessionsOf(id));
      expect(await of('u1')).toEqual([session('a', 3), session('b', 2)]);
      await store.transact(async ({ credentials }) => {
        await credentials.deleteUser('u1');
        await credentials.deleteUser('unknown');
      });
      expect(await of('u1')).toEqual([]);
      expect(await of('u2')).toHaveLength(1);
      expect(await store.read(({ credentials }) => credentials.userById('u1'))).toBeUndefined();
    }),
  );
}

function customRoles(makePlace: MakePlace): void {
  const desk: CustomRole = {
    ...{ name: 'Straße Desk', permissions: ['files.read', 'access.manage'] },
    ...{ createdAt: 1, createdBy: 'u1', changedAt: 2 },
  };

  test(
    'A role is found whatever the case of its name, and a name is taken once.',
    withStore(makePlace, async (store) => {
      await store.transact(({ credentials }) => credentials.insertRole(desk));
      const found = (name: string) => store.read(({ credentials }) => credentials.roleByName(name));
      expect(await found('STRASSE  desk')).toEqual(desk);
      expect(await found('Strasse')).toBeUndefined();
      const again = { ...desk, name: 'strasse desk' };
      await expectFault(
        store.transact(({ credentials }) => credentials.insertRole(again)),
        'conflict',
      );
      expect(await store.read(({ credentials }) => credentials.customRoles())).toEqual([desk]);
    }),
  );

  test(
    'Users and keys keep a role that gets another name, and no other role does.',
    withStore(makePlace, async (store) => {
      const renamed = { ...desk, name: 'Night desk', permissions: [], changedAt: 9 };
      await store.transact(async ({ credentials }) => {
        await credentials.insertRole(desk);
        await credentials.insertRole({ ...desk, name: 'Other' });
        await credentials.insertUser({ ...user, role: desk.name });
        await credentials.insertUser({ ...user, id: 'u2', email: 'b@example.test', role: 'Other' });
        await credentials.insertKey({ ...key, role: desk.name });
        await credentials.updateRole('strasse DESK', renamed);
      });
      await store.read(async ({ credentials }) => {
        expect((await credentials.users()).map(({ role }) => role)).toEqual(['Night desk', 'Other']);
        expect((await credentials.keys()).map(({ role }) => role)).toEqual(['Night desk']);
        expect(await credentials.customRoles()).toEqual([renamed, { ...desk, name: 'Other' }]);
      });
      await expectFault(
        store.transact(({ credentials }) => credentials.updateRole('night desk', { ...renamed, name: 'OTHER' })),
        'conflict',
      );
      await store.transact(({ credentials }) => credentials.deleteRole('NIGHT desk'));
      expect(await store.read(({ credentials }) => credentials.roleByName('Night desk'))).toBeUndefined();
    }),
  );
}
