import { describe, expect, test } from 'bun:test';
import { permissionReach, permissions } from '#core/access/permission.ts';
import { demandPermission, may, type Principal } from '#core/access/principal.ts';
import { includes, readScope, type Scope, wholeFleet } from '#core/access/scope.ts';
import { Fault, type FaultCode } from '#core/fault.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
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
      'lists.read',
      'lists.manage',
      'access.manage',
      'server.manage',
    ]);
  });
});

test('nobody makes a key or a user that reaches further than they do', async () => {
  await using ports = await openPorts();
  const key = { name: '', role: 'Viewer', level: 'standard', expiresAt: null } as const;
  const user = { password: 'a long password', role: 'Viewer' } as const;
  for (const [index, scope] of [undefined, wholeFleet, tagged('web', 'mail')].entries()) {
    const wider = { ...(scope && { scope }) };
    await expect(createKey(ports, limited, { ...key, ...wider })).rejects.toMatchObject({ code: 'permission_denied' });
    const email = `wide${index}@example.com`;
    await expect(createUser(ports, limited, { ...user, email, ...wider })).rejects.toMatchObject({
      code: 'permission_denied',
    });
  }
  const made = await createKey(ports, limited, { ...key, scope: tagged('db') });
  expect(made.key.scope).toEqual(tagged('db'));
  await ports.store.read(async ({ credentials, events }) => {
    expect(await credentials.users()).toEqual([]);
    expect((await credentials.keys()).map(({ scope }) => scope)).toEqual([tagged('db')]);
    expect((await events.list({}, 0, 10)).map(({ facts }) => facts)).toMatchObject([{ tags: ['db'] }]);
  });
});

test('a limited administrator is not the one who is left to manage access', async () => {
  await using ports = await openPorts();
  const key = { name: '', role: 'Instance Administrator', level: 'standard', expiresAt: null } as const;
  const whole = await createKey(ports, administrator, key);
  await createKey(ports, administrator, { ...key, scope: tagged('web') });
  const refused: unknown = await deleteKeys(ports, administrator, [whole.key.id]).catch((fault: unknown) => fault);
  expect(refused).toMatchObject({ code: 'conflict' });
});
