import { describe, expect, test } from 'bun:test';
import { permissions } from '#core/access/permission.ts';
import type { Principal } from '#core/access/principal.ts';
import type { EventType } from '#core/custody/event.ts';
import { changeRole } from '#core/verbs/change-role.ts';
import { changeUser, type UserChanges } from '#core/verbs/change-user.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createRole } from '#core/verbs/create-role.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteKeys } from '#core/verbs/delete-keys.ts';
import { deleteRole } from '#core/verbs/delete-role.ts';
import { deleteUser } from '#core/verbs/delete-user.ts';
import { endSessionsOf } from '#core/verbs/end-sessions.ts';
import { expirePassword } from '#core/verbs/expire-password.ts';
import { resetPassword } from '#core/verbs/reset-password.ts';
import { resetSecondFactor } from '#core/verbs/second-factor.ts';
import { administrator } from '#kit/fleet.ts';
import { newPerson, principalOf, somePassword } from '#kit/people.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const key = { name: '', level: 'standard', expiresAt: null } as const;

const told = (ports: TestPorts, type: EventType) =>
  ports.store.read(async ({ events }) =>
    (await events.list({}, 0, 1_000)).filter((event) => event.type === type).map(({ facts }) => facts),
  );

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    (fault: { readonly code?: string }) => fault.code,
  );

/** All that somebody could be tempted to, with an administrator, a wide role and a key of it there; the numbers are in the order of the calls. */
function temptations(ports: TestPorts, by: Principal): Readonly<Record<string, () => Promise<unknown>>> {
  const root = 'root@example.org';
  const change = (user: string, changes: UserChanges) => () => changeUser(ports, by, { user, changes });
  const user = { email: 'new@example.org', password: somePassword };
  return {
    'make a user who may do more': () => createUser(ports, by, { ...user, role: 'Instance Administrator' }),
    'make a user of a custom role that allows more': () => createUser(ports, by, { ...user, role: 'wide' }),
    'make a key that may do more': () => createKey(ports, by, { ...key, role: 'Viewer' }),
    'make a role that allows more': () => createRole(ports, by, { name: 'All', permissions }),
    'widen the own role': () => changeRole(ports, by, { role: 'Desk', changes: { permissions } }),
    'widen somebody’s role': () => changeRole(ports, by, { role: 'Narrow', changes: { permissions: ['files.read'] } }),
    'narrow a role that allows more': () => changeRole(ports, by, { role: 'Wide', changes: { permissions: [] } }),
    'rename a role that allows more': () => changeRole(ports, by, { role: 'Wide', changes: { name: 'Narrow 2' } }),
    'delete a role that allows more': () => deleteRole(ports, by, 'Free'),
    'take the widest role': change('desk@example.org', { role: 'Instance Administrator' }),
    'take a custom role that allows more': change('desk@example.org', { role: 'WIDE' }),
    'give somebody the widest role': change('narrow@example.org', { role: 'instance administrator' }),
    'demote an administrator': change(root, { role: 'Narrow' }),
    'limit an administrator': change(root, { scope: { kind: 'tags', tags: ['web'] } }),
    'disable an administrator': change(root, { disabled: true }),
    'delete an administrator': () => deleteUser(ports, by, root),
    'set the password of an administrator': () => resetPassword(ports, by, { user: root, password: somePassword }),
    'expire the password of an administrator': () => expirePassword(ports, by, root),
    'take the second factor of an administrator': () => resetSecondFactor(ports, by, root),
    'end the sessions of an administrator': () => endSessionsOf(ports, by, { user: root }),
    'delete a key of an administrator': () => deleteKeys(ports, by, [1]),
    'set the own password without the old one': () =>
      resetPassword(ports, by, { user: by.id, password: 'another password' }),
    'take the own second factor away': () => resetSecondFactor(ports, by, by.id),
    'delete the own account': () => deleteUser(ports, by, by.id),
  };
}

async function openDesk() {
  const ports = await openPorts();
  const root = await newPerson(ports, 'root', 'Instance Administrator');
  await createRole(ports, administrator, { name: 'Wide', permissions });
  await createRole(ports, administrator, { name: 'Free', permissions: ['files.read'] });
  await createRole(ports, administrator, { name: 'Desk', permissions: ['access.manage'] });
  await createRole(ports, administrator, { name: 'Narrow', permissions: [] });
  await createKey(ports, administrator, { ...key, role: 'Wide' });
  await newPerson(ports, 'narrow', 'Narrow');
  return { ports, root, desk: await newPerson(ports, 'desk', 'Desk') };
}

async function tablesOf({ store }: TestPorts): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const row of store.dump()) {
    rows.push(row);
  }
  return rows;
}

describe('who may only manage access', () => {
  test('becomes no more than that, in no way, and touches nobody who is', async () => {
    const { ports, desk } = await openDesk();
    await using _ = ports;
    const before = await tablesOf(ports);
    for (const [what, attempt] of Object.entries(temptations(ports, desk))) {
      expect([what, await codeOf(attempt())]).toEqual([what, 'permission_denied']);
    }
    expect(await tablesOf(ports)).toEqual(before);
  });

  test('does what is left: people and roles that may do as much, or less', async () => {
    const { ports, desk } = await openDesk();
    await using _ = ports;
    await createRole(ports, desk, { name: 'Second desk', permissions: ['access.manage'] });
    await createUser(ports, desk, { email: 'b@example.org', password: somePassword, role: 'second DESK' });
    await changeUser(ports, desk, { user: 'narrow@example.org', changes: { role: 'Second desk' } });
    await createKey(ports, desk, { ...key, role: 'Narrow' });
    await deleteKeys(ports, desk, [2]);
    await deleteUser(ports, desk, 'narrow@example.org');
    expect(await told(ports, 'user_changed')).toMatchObject([
      { email: 'narrow@example.org', from: { role: 'Narrow', tags: null }, to: { role: 'Second desk', tags: null } },
    ]);
  });
});

describe('what somebody was when they knocked counts no more', () => {
  const losses: Readonly<Record<string, (ports: TestPorts, lost: Principal) => Promise<unknown>>> = {
    demoted: (ports, lost) => changeUser(ports, administrator, { user: lost.id, changes: { role: 'Viewer' } }),
    disabled: (ports, lost) => changeUser(ports, administrator, { user: lost.id, changes: { disabled: true } }),
    limited: (ports, lost) =>
      changeUser(ports, administrator, { user: lost.id, changes: { scope: { kind: 'tags', tags: ['web'] } } }),
    deleted: (ports, lost) => deleteUser(ports, administrator, lost.id),
  };
  test.each(Object.entries(losses))('who was %s meanwhile changes nothing of anybody’s access', async (_, lose) => {
    const { ports } = await openDesk();
    await using _ports = ports;
    const lost = await newPerson(ports, 'lost', 'Instance Administrator');
    await lose(ports, lost);
    const before = await tablesOf(ports);
    for (const [what, attempt] of Object.entries(temptations(ports, lost))) {
      expect([what, await codeOf(attempt())]).toEqual([what, 'permission_denied']);
    }
    expect(await tablesOf(ports)).toEqual(before);
  });

  test('nor what a key was that is deleted, or whose role is another by now', async () => {
    const { ports } = await openDesk();
    await using _ = ports;
    const { key: made } = await createKey(ports, administrator, { ...key, role: 'Wide' });
    const by = { ...administrator, kind: 'key', id: String(made.id) } as const;
    await createUser(ports, by, { email: 'a@example.org', password: somePassword, role: 'Viewer' });
    await changeRole(ports, administrator, { role: 'Wide', changes: { permissions: ['files.read'] } });
    const again = () => createUser(ports, by, { email: 'b@example.org', password: somePassword, role: 'Viewer' });
    expect(await codeOf(again())).toBe('permission_denied');
    await changeRole(ports, administrator, { role: 'Wide', changes: { permissions } });
    await deleteKeys(ports, administrator, [made.id]);
    expect(await codeOf(again())).toBe('permission_denied');
  });
});

describe('the last administrator', () => {
  const ends: Readonly<Record<string, (ports: TestPorts, last: Principal) => Promise<unknown>>> = {
    deleted: (ports, last) => deleteUser(ports, administrator, last.id),
    disabled: (ports, last) => changeUser(ports, administrator, { user: last.id, changes: { disabled: true } }),
    demoted: (ports, last) =>
      changeUser(ports, administrator, { user: last.id, changes: { role: 'Privileged Responder' } }),
    limited: (ports, last) =>
      changeUser(ports, administrator, { user: last.id, changes: { scope: { kind: 'tags', tags: ['web'] } } }),
    'emptied by role': (ports) =>
      changeRole(ports, administrator, { role: 'Everything', changes: { permissions: [] } }),
    'narrowed by role': (ports) =>
      changeRole(ports, administrator, { role: 'Everything', changes: { permissions: permissions.slice(1) } }),
  };

  test.each(Object.entries(ends))('is not %s, by nobody, and nothing is changed', async (_, end) => {
    await using ports = await openPorts();
    await createRole(ports, administrator, { name: 'Everything', permissions });
    const last = await newPerson(ports, 'last', 'Everything');
    // They are no administrators: one cannot log in, the others may not do everything everywhere, and a key is nobody.
    const other = await newPerson(ports, 'other', 'Instance Administrator');
    await changeUser(ports, administrator, { user: other.id, changes: { disabled: true } });
    const limited = await newPerson(ports, 'limited', 'Instance Administrator');
    const scope = { kind: 'tags', tags: ['web'] } as const;
    await changeUser(ports, administrator, { user: limited.id, changes: { scope } });
    await createKey(ports, administrator, { ...key, role: 'Instance Administrator' });
    const before = await tablesOf(ports);
    const refused: unknown = await end(ports, last).catch((fault: unknown) => fault);
    expect(refused).toMatchObject({
      code: 'conflict',
      details: { what: 'last_administrator' },
    });
    expect(await tablesOf(ports)).toEqual(before);
    await changeUser(ports, administrator, { user: other.id, changes: { disabled: false } });
    await end(ports, last);
  });

  test.each(['demote', 'disable', 'delete'] as const)('two who %s one another at once leave one', async (deed) => {
    await using ports = await openPorts();
    const [one, two] = [
      await newPerson(ports, 'one', 'Instance Administrator'),
      await newPerson(ports, 'two', 'Instance Administrator'),
    ];
    const attack = (by: Principal, user: string) => {
      if (deed === 'delete') {
        return deleteUser(ports, by, user);
      }
      const changes = deed === 'demote' ? { role: 'Viewer' } : { disabled: true };
      return changeUser(ports, by, { user, changes });
    };
    const ended = await Promise.all([codeOf(attack(one, two.id)), codeOf(attack(two, one.id))]);
    expect(ended.toSorted()).toEqual(['done', 'permission_denied']);
    const users = await ports.store.read(({ credentials }) => credentials.users());
    const left = users.filter(({ role, disabledAt }) => role === 'Instance Administrator' && disabledAt === null);
    expect(left).toHaveLength(1);
  });

  test('two who step down at once leave one', async () => {
    await using ports = await openPorts();
    const people = [
      await newPerson(ports, 'one', 'Instance Administrator'),
      await newPerson(ports, 'two', 'Instance Administrator'),
    ];
    const ended = await Promise.all(
      people.map((by) => codeOf(changeUser(ports, by, { user: by.id, changes: { role: 'Viewer' } }))),
    );
    expect(ended.toSorted()).toEqual(['conflict', 'done']);
  });
});

test('the last key that may do everything is not deleted while no person may who can log in', async () => {
  await using ports = await openPorts();
  await createRole(ports, administrator, { name: 'Desk', permissions: ['access.manage'] });
  await newPerson(ports, 'desk', 'Desk');
  const { key: last } = await createKey(ports, administrator, { ...key, role: 'Instance Administrator' });
  await createKey(ports, administrator, { ...key, role: 'Desk' });
  expect(await codeOf(deleteKeys(ports, administrator, [last.id]))).toBe('conflict');
  await newPerson(ports, 'root', 'Instance Administrator');
  expect(await codeOf(deleteKeys(ports, administrator, [last.id]))).toBe('done');
});

describe('a custom role', () => {
  test('is made, changed and deleted, and every change is told with what was and what is', async () => {
    await using ports = await openPorts();
    const made = await createRole(ports, administrator, {
      name: '  Night   desk ',
      permissions: ['files.restore', 'files.read', 'files.read'],
    });
    expect(made).toMatchObject({ name: 'Night desk', permissions: ['files.read', 'files.restore'] });
    ports.clock.advance(1_000);
    await changeRole(ports, administrator, { role: 'NIGHT DESK', changes: { permissions: ['files.read'] } });
    await changeRole(ports, administrator, { role: 'Night desk', changes: { name: 'night Desk' } });
    // Nothing is changed by it, and nothing told.
    await changeRole(ports, administrator, { role: 'Night desk', changes: {} });
    await deleteRole(ports, administrator, 'night desk');
    expect(await told(ports, 'role_created')).toEqual([
      { name: 'Night desk', permissions: ['files.read', 'files.restore'] },
    ]);
    expect(await told(ports, 'role_changed')).toEqual([
      {
        from: { name: 'Night desk', permissions: ['files.read', 'files.restore'] },
        to: { name: 'Night desk', permissions: ['files.read'] },
      },
      {
        from: { name: 'Night desk', permissions: ['files.read'] },
        to: { name: 'night Desk', permissions: ['files.read'] },
      },
    ]);
    expect(await told(ports, 'role_deleted')).toEqual([{ name: 'night Desk', permissions: ['files.read'] }]);
    expect(await codeOf(deleteRole(ports, administrator, 'night desk'))).toBe('not_found');
  });

  test('never has the name of another, however it is written', async () => {
    await using ports = await openPorts();
    await createRole(ports, administrator, { name: 'Straße', permissions: [] });
    const names = [
      ...['viewer', 'INSTANCE ADMINISTRATOR', 'instance  administrator', 'Ｖiewer', 'vıewer', ' Viewer '],
      ...['STRASSE', 'strasse', 'straße'],
    ];
    for (const name of names) {
      expect([name, await codeOf(createRole(ports, administrator, { name, permissions: [] }))]).toEqual([
        name,
        'conflict',
      ]);
    }
    await createRole(ports, administrator, { name: 'Other', permissions: [] });
    for (const name of ['VIEWER', 'strasse']) {
      const renamed = changeRole(ports, administrator, { role: 'other', changes: { name } });
      expect([name, await codeOf(renamed)]).toEqual([name, 'conflict']);
    }
  });

  test.each([
    '',
    ' ',
    '../x',
    'a/b',
    'a,b',
    'a\nb',
    'a\u202eb',
    'a\0b',
    '-x',
    '.x',
    'x'.repeat(65),
    'a\u200bb',
    '\ud800',
  ])('is not called %j', async (name) => {
    await using ports = await openPorts();
    expect(await codeOf(createRole(ports, administrator, { name, permissions: [] }))).toBe('invalid_request');
  });
});

describe('whoever has a custom role', () => {
  test('keeps it: it cannot be deleted, and the refusal names by whom', async () => {
    await using ports = await openPorts();
    await createRole(ports, administrator, { name: 'Desk', permissions: ['files.read'] });
    const ana = await newPerson(ports, 'ana', 'desk');
    await createKey(ports, administrator, { ...key, role: 'DESK' });
    const refused: unknown = await deleteRole(ports, administrator, 'Desk').catch((fault: unknown) => fault);
    expect(refused).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('ana@example.org, key 1'),
      details: { what: 'role_in_use', users: ['ana@example.org'], keys: ['key 1'] },
    });
    await changeUser(ports, administrator, { user: ana.id, changes: { role: 'Viewer' } });
    await deleteKeys(ports, administrator, [1]);
    await deleteRole(ports, administrator, 'Desk');
  });

  test('has it under its new name too', async () => {
    await using ports = await openPorts();
    await createRole(ports, administrator, { name: 'Desk', permissions: ['files.read'] });
    const ana = await newPerson(ports, 'ana', 'Desk');
    await changeRole(ports, administrator, { role: 'Desk', changes: { name: 'Bureau', permissions: ['events.read'] } });
    expect(await principalOf(ports, ana.id)).toMatchObject({ role: { name: 'Bureau', permissions: ['events.read'] } });
  });

  test('is no built-in one: those never change', async () => {
    await using ports = await openPorts();
    expect(await codeOf(changeRole(ports, administrator, { role: 'viewer', changes: { permissions: [] } }))).toBe(
      'conflict',
    );
    expect(await codeOf(deleteRole(ports, administrator, 'VIEWER'))).toBe('conflict');
    expect(await codeOf(newPerson(ports, 'x', 'no such role'))).toBe('invalid_request');
  });

  test('is one of at most a hundred', async () => {
    await using ports = await openPorts();
    for (let number = 0; number < 100; number += 1) {
      await createRole(ports, administrator, { name: `Role ${number}`, permissions: [] });
    }
    expect(await codeOf(createRole(ports, administrator, { name: 'One more', permissions: [] }))).toBe(
      'limit_exceeded',
    );
  });
});

test('what somebody did stays under their name when they are deleted, and whoever has the address next is another', async () => {
  await using ports = await openPorts();
  const root = await newPerson(ports, 'root', 'Instance Administrator');
  const ana = await newPerson(ports, 'ana', 'Instance Administrator');
  await createRole(ports, ana, { name: 'Desk', permissions: [] });
  await deleteUser(ports, root, ' ANA@example.org');
  const again = await newPerson(ports, 'ana', 'Viewer');
  expect(again.id).not.toBe(ana.id);
  const events = await ports.store.read((reader) => reader.events.list({}, 0, 100));
  const made = events.find(({ type }) => type === 'role_created');
  expect(made?.actor).toEqual({ kind: 'user', id: ana.id, name: 'ana@example.org' });
  expect(await told(ports, 'user_deleted')).toEqual([
    { userId: ana.id, email: 'ana@example.org', role: 'Instance Administrator', tags: null },
  ]);
});

test('a role that is not there any more allows nothing', async () => {
  await using ports = await openPorts();
  const ana = await newPerson(ports, 'ana', 'Viewer');
  await ports.store.transact(async ({ credentials }) => {
    const user = await credentials.userById(ana.id);
    if (user !== undefined) {
      await credentials.updateUser({ ...user, role: 'Gone' });
    }
  });
  expect(await principalOf(ports, ana.id)).toMatchObject({ role: { name: 'Gone', permissions: [] } });
});
