import { describe, expect, test } from 'bun:test';
import { permissionReach, permissions } from '#core/access/permission.ts';
import { demandPermission, may, type Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { includes, readScope, type Scope, wholeFleet } from '#core/access/scope.ts';
import { Fault, type FaultCode } from '#core/fault.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { demandMayChange, demandMayGive } from '#core/verbs/manage-access.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const tagged = (...tags: readonly string[]): Scope => ({ kind: 'tags', tags });
const limited: Principal = { ...administrator, kind: 'key', scope: tagged('web', 'db') };

function codeOf(call: () => unknown): FaultCode | undefined {
  try {
    call();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : expect.unreachable();
  }
}

describe('a scope', () => {
  test('is made of tags, each once, and of none only where nobody named any', () => {
    expect(readScope(null)).toEqual(wholeFleet);
    expect(readScope([' web', 'web', 'db'])).toEqual(tagged('web', 'db'));
    expect(codeOf(() => readScope([]))).toBe('invalid_request');
    expect(codeOf(() => readScope(['a\nb']))).toBe('invalid_request');
    expect(codeOf(() => readScope(['']))).toBe('invalid_request');
    expect(codeOf(() => readScope(Array.from({ length: 101 }, (_, index) => `${index}`)))).toBe('limit_exceeded');
  });

  test('includes what lies in it', () => {
    expect(includes(wholeFleet, tagged('a'))).toBe(true);
    expect(includes(tagged('a', 'b'), tagged('b'))).toBe(true);
    expect(includes(tagged('a'), tagged('a', 'b'))).toBe(false);
    expect(includes(tagged('a'), wholeFleet)).toBe(false);
  });

  test('takes from a role what concerns the whole fleet', () => {
    for (const permission of permissions) {
      const isFleets = permissionReach[permission] === 'fleet';
      const code = isFleets ? 'permission_denied' : undefined;
      expect([permission, codeOf(() => demandPermission(limited, permission))]).toEqual([permission, code]);
      expect([permission, may(limited, permission)]).toEqual([permission, !isFleets]);
      expect(codeOf(() => demandPermission(administrator, permission))).toBeUndefined();
    }
    const fleets = permissions.filter((permission) => permissionReach[permission] === 'fleet');
    expect(fleets).toEqual([
      'endpoints.enrol',
      'evidence.delete',
      'emergency.stop',
      'emergency.release',
      'lists.read',
      'lists.manage',
      'access.manage',
      'server.manage',
    ]);
  });
});

test('nobody who is limited makes a key or a user, for who has access concerns the whole fleet', async () => {
  await using ports = await openPorts();
  const key = { name: '', role: 'Viewer', level: 'standard', expiresAt: null } as const;
  const user = { password: 'a long password', role: 'Viewer' } as const;
  for (const [index, scope] of [undefined, wholeFleet, tagged('web', 'mail'), tagged('db')].entries()) {
    const wider = { ...(scope && { scope }) };
    for (const by of [limited, { ...limited, kind: 'local' } as const]) {
      const email = `wide${index}@example.com`;
      const made = [
        () => createKey(ports, by, { ...key, ...wider }),
        () => createUser(ports, by, { ...user, email, ...wider }),
      ];
      for (const make of made) {
        const refused: unknown = await make().catch((fault: unknown) => fault);
        expect(refused).toMatchObject({ code: 'permission_denied' });
      }
    }
  }
  await ports.store.read(async ({ credentials, events }) => {
    expect([await credentials.users(), await credentials.keys(), await events.list({}, 0, 10)]).toEqual([[], [], []]);
  });
});

test('nobody gives a scope, or changes somebody with one, beyond their own', () => {
  const power = (scope: Scope) => ({ role: builtInRole('Viewer'), scope });
  const own = power(tagged('web', 'db'));
  for (const scope of [wholeFleet, tagged('web', 'mail')]) {
    expect(codeOf(() => demandMayGive(own, power(scope)))).toBe('permission_denied');
    expect(codeOf(() => demandMayChange(own, power(scope), 'them'))).toBe('permission_denied');
  }
  expect(codeOf(() => demandMayGive(own, power(tagged('db'))))).toBeUndefined();
  expect(codeOf(() => demandMayChange(own, power(tagged('db')), 'them'))).toBeUndefined();
});

test('a limited administrator is not the one who is left to manage access', async () => {
  await using ports = await openPorts();
  const key = { name: '', role: 'Instance Administrator', level: 'standard', expiresAt: null } as const;
  const whole = await createKey(ports, administrator, key);
  await createKey(ports, administrator, { ...key, scope: tagged('web') });
  const refused: unknown = await deleteKeys(ports, administrator, [whole.key.id]).catch((fault: unknown) => fault);
  expect(refused).toMatchObject({ code: 'conflict' });
});
