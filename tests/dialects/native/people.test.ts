import { describe, expect, test } from 'bun:test';
import { permissions } from '#core/access/permission.ts';
import { hour, minute } from '#core/time.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { somePassword } from '#kit/people.ts';
import type { TestPortsOptions } from '#kit/ports.ts';
import { openNative } from './world.ts';

const email = 'ana@example.org';

type Headers = Readonly<Record<string, string>>;

async function openPeople(options: TestPortsOptions = {}) {
  const world = await openNative(options);
  const make = (name: string, role: string) =>
    world.ask('/users', {
      method: 'POST',
      body: { email: `${name}@example.org`, password: somePassword, role },
    });
  await make('ana', 'Instance Administrator');
  await make('root', 'Instance Administrator');
  return {
    ...world,
    make,
    async logIn(address = email, headers: Headers = {}): Promise<Headers> {
      const body = { email: address, password: somePassword };
      const answer = await world.ask('/sessions', { method: 'POST', headers, body, local: false });
      expect(answer.status).toBe(201);
      const { token } = (await answer.json()) as { readonly token: string };
      return { authorization: `Bearer ${token}` };
    },
    isIn: async (headers: Headers) => (await world.ask('/me', { headers, local: false })).status === 200,
    post: (path: string, body: unknown, headers?: Headers) =>
      world.ask(path, { method: 'POST', body, ...(headers && { headers, local: false }) }),
  };
}

test('a change of a role holds from the next request on of whoever has it', async () => {
  await using people = await openPeople();
  await people.post('/roles', { name: 'Desk', permissions: ['files.read'] });
  await people.make('ben', 'desk');
  const user = await people.logIn('ben@example.org');
  const key = { authorization: await people.authorizationOf('Desk') };
  const statuses = async () =>
    Promise.all([user, key].map(async (headers) => (await people.ask('/endpoints', { headers, local: false })).status));
  expect(await statuses()).toEqual([403, 403]);
  const changed = await people.post('/roles/DESK/changes', { permissions: ['endpoints.read'], name: 'Night desk' });
  expect(await changed.json()).toMatchObject({ name: 'Night desk', permissions: ['endpoints.read'], builtIn: false });
  expect(await statuses()).toEqual([200, 200]);
  const me = await people.ask('/me', { headers: user, local: false });
  expect(await me.json()).toMatchObject({ role: 'Night desk', permissions: ['endpoints.read'] });
  await people.post('/roles/Night%20desk/changes', { permissions: [] });
  expect(await statuses()).toEqual([403, 403]);
});

test('roles are listed with what they allow, and gone when they are deleted', async () => {
  await using people = await openPeople();
  await people.post('/roles', { name: 'Desk', permissions: ['files.read'] });
  const list = async () => (await (await people.ask('/roles')).json()) as { readonly items: readonly object[] };
  const { items } = await list();
  expect(items).toHaveLength(7);
  expect(items[0]).toMatchObject({ name: 'Instance Administrator', permissions: [...permissions], builtIn: true });
  expect(items[6]).toMatchObject({ name: 'Desk', builtIn: false, createdBy: 'local administrator' });
  expect((await people.ask('/roles/desk', { method: 'DELETE' })).status).toBe(204);
  expect((await list()).items).toHaveLength(6);
  expect((await people.ask('/roles/desk', { method: 'DELETE' })).status).toBe(404);
});

test('somebody who may only manage access does not make an administrator of themselves', async () => {
  await using people = await openPeople();
  await people.post('/roles', { name: 'Desk', permissions: ['access.manage'] });
  await people.make('ben', 'Desk');
  const ben = await people.logIn('ben@example.org');
  const attempts: readonly (readonly [string, unknown])[] = [
    ['/users/ben@example.org/changes', { role: 'Instance Administrator' }],
    ['/roles/Desk/changes', { permissions: [...permissions] }],
    ['/roles', { name: 'Mine', permissions: [...permissions] }],
    ['/users', { email: 'x@example.org', password: somePassword, role: 'Instance Administrator' }],
    ['/keys', { role: 'Instance Administrator', level: 'standard' }],
    [`/users/${email}/password/reset`, { password: 'a password of mine' }],
    ['/users/second-factor/reset', { email }],
    ['/users/password/expire', { email }],
    [`/users/${email}/changes`, { disabled: true }],
  ];
  for (const [path, body] of attempts) {
    expect([path, (await people.post(path, body, ben)).status]).toEqual([path, 403]);
  }
  const me = await people.ask('/me', { headers: ben, local: false });
  expect(await me.json()).toMatchObject({ role: 'Desk', permissions: ['access.manage'] });
});

describe('sessions end at once with', () => {
  type World = Awaited<ReturnType<typeof openPeople>>;
  const endings: Readonly<Record<string, (people: World) => Promise<Response>>> = {
    'another role': ({ post }) => post(`/users/${email}/changes`, { role: 'Viewer' }),
    'another scope': ({ post }) => post(`/users/${email}/changes`, { tags: ['web'] }),
    'being disabled': ({ post }) => post(`/users/${email}/changes`, { disabled: true }),
    deletion: ({ ask }) => ask(`/users/${email}`, { method: 'DELETE' }),
    'another password': ({ post }) => post(`/users/${email}/password/reset`, { password: 'a password of theirs' }),
    'the word of an administrator': ({ ask }) => ask(`/users/${email}/sessions`, { method: 'DELETE' }),
  };
  test.each(Object.entries(endings))('%s', async (_, end) => {
    await using people = await openPeople();
    const [own, root] = [await people.logIn(), await people.logIn('root@example.org')];
    expect((await end(people)).ok).toBe(true);
    expect([await people.isIn(own), await people.isIn(root)]).toEqual([false, true]);
  });
});

test('who is disabled does not log in, and hears no more than with a wrong password', async () => {
  await using people = await openPeople();
  const logIn = async (password: string) => {
    const answer = await people.ask('/sessions', { method: 'POST', body: { email, password }, local: false });
    return [answer.status, answer.status === 201 ? '' : await answer.text()];
  };
  const wrong = await logIn('a wrong password');
  await people.post(`/users/${email}/changes`, { disabled: true });
  expect(await logIn(somePassword)).toEqual(wrong);
  await people.post(`/users/${email}/changes`, { disabled: false });
  expect((await logIn(somePassword))[0]).toBe(201);
});

test('one who gets another password chooses a third at the next log-in', async () => {
  await using people = await openPeople();
  const password = 'a password of theirs';
  await people.post(`/users/${email}/password/reset`, { password });
  const logIn = (fields: object) =>
    people.ask('/sessions', { method: 'POST', body: { email, ...fields }, local: false });
  expect((await logIn({ password: somePassword })).status).toBe(401);
  expect(await (await logIn({ password })).json()).toMatchObject({ details: { what: 'new_password' } });
  expect((await logIn({ password, newPassword: 'a third good password' })).status).toBe(201);
});

describe('a session of the native API', () => {
  test('ends after 30 minutes without a request, and after 12 hours whatever there is', async () => {
    await using people = await openPeople();
    const idle = await people.logIn();
    people.ports.clock.advance(30 * minute - 1);
    expect(await people.isIn(idle)).toBe(true);
    people.ports.clock.advance(30 * minute - 1);
    expect(await people.isIn(idle)).toBe(true);
    people.ports.clock.advance(30 * minute);
    expect(await people.isIn(idle)).toBe(false);
    const busy = await people.logIn();
    for (let passed = 0; passed + 20 * minute < 12 * hour; passed += 20 * minute) {
      people.ports.clock.advance(20 * minute);
      expect(await people.isIn(busy)).toBe(true);
    }
    people.ports.clock.advance(20 * minute);
    expect(await people.isIn(busy)).toBe(false);
  });

  test('does not end by idleness where an administrator wants it so', async () => {
    await using people = await openPeople({ policy: { nativeSession: { lifetime: 2 * hour, idle: null } } });
    const own = await people.logIn();
    people.ports.clock.advance(2 * hour - 1);
    expect(await people.isIn(own)).toBe(true);
    people.ports.clock.advance(1);
    expect(await people.isIn(own)).toBe(false);
  });

  test('never lives longer than it may because uses are not written down each time', async () => {
    const idle = 10_000;
    await using people = await openPeople({ policy: { nativeSession: { lifetime: 2 * hour, idle } } });
    const own = await people.logIn();
    for (let count = 0; count < 20; count += 1) {
      people.ports.clock.advance(idle * 0.85);
      expect(await people.isIn(own)).toBe(true);
    }
    people.ports.clock.advance(idle);
    expect(await people.isIn(own)).toBe(false);
  });

  test('has a token of 256 bits, which is stored as a hash, and which a new log-in replaces', async () => {
    await using people = await openPeople();
    const first = await people.logIn();
    expect(first['authorization']).toMatch(/^Bearer [0-9A-F]{64}$/);
    const second = await people.logIn(email, first);
    expect(second).not.toEqual(first);
    expect([await people.isIn(first), await people.isIn(second)]).toEqual([false, true]);
    // Somebody else's is not touched, by whoever holds its token.
    await people.logIn('root@example.org', second);
    expect(await people.isIn(second)).toBe(true);
    const rows: string[] = [];
    for await (const row of people.ports.store.dump()) {
      rows.push(JSON.stringify(row));
    }
    expect(rows.join('\n').toUpperCase()).not.toContain(String(second['authorization']).slice('Bearer '.length));
  });

  test('lets in at the API where it was opened, and at no other', async () => {
    await using people = await openPeople();
    const cybereason = createCybereasonDialect(people.ports);
    const send = (path: string, init: RequestInit) =>
      cybereason.handle(new Request(`https://custody.test:8443${path}`, init), {
        remoteAddress: '192.0.2.1',
        local: false,
      });
    const form = new URLSearchParams({ username: email, password: somePassword });
    const opened = await send('/login.html', { method: 'POST', body: form });
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const token = cookie.split('=')[1] ?? '';
    const current = async (value: string) =>
      (await send('/rest/users/current', { headers: { cookie: `JSESSIONID=${value}` } })).status;
    expect(await current(token)).toBe(200);
    expect(await people.isIn({ authorization: `Bearer ${token}` })).toBe(false);
    const native = String((await people.logIn())['authorization']).slice('Bearer '.length);
    expect(await current(native)).toBe(302);
    // The vendor's own lifetime holds there: eight hours (ten in this world), and no end by idleness.
    people.ports.clock.advance(10 * hour - 1);
    expect(await current(token)).toBe(200);
    people.ports.clock.advance(1);
    expect(await current(token)).toBe(302);
  });
});

describe('the sessions of somebody', () => {
  interface Listed {
    readonly items: readonly { readonly id: string; readonly current: boolean; readonly remoteAddress: string }[];
  }

  test('are listed for them and for an administrator, and either ends one', async () => {
    await using people = await openPeople();
    const [own, other, third] = [await people.logIn(), await people.logIn(), await people.logIn()];
    const listOf = async (path: string, headers: Headers) =>
      ((await (await people.ask(path, { headers, local: false })).json()) as Listed).items;
    const mine = await listOf('/me/sessions', own);
    expect(mine).toHaveLength(3);
    expect(mine.filter(({ current }) => current)).toHaveLength(1);
    expect(mine[0]?.remoteAddress).toBe('192.0.2.1');
    const theOther = (await listOf('/me/sessions', other)).find(({ current }) => current)?.id ?? '';
    const end = (path: string, headers: Headers) => people.ask(path, { method: 'DELETE', headers, local: false });
    const ended = await end(`/me/sessions?session=${theOther}`, own);
    expect(await ended.json()).toEqual({ ended: [theOther] });
    expect([await people.isIn(own), await people.isIn(other), await people.isIn(third)]).toEqual([true, false, true]);
    expect((await end(`/me/sessions?session=${theOther}`, own)).status).toBe(404);
    await end('/me/sessions', own);
    expect([await people.isIn(own), await people.isIn(third)]).toEqual([true, false]);
    const root = await people.logIn('root@example.org');
    const [left] = await listOf(`/users/${email}/sessions`, root);
    await end(`/users/${email}/sessions?session=${left?.id}`, root);
    expect([await people.isIn(own), await people.isIn(root)]).toEqual([false, true]);
    const events = await people.ports.store.read((reader) => reader.events.list({}, 0, 100));
    const told = events.filter(({ type }) => type === 'sessions_ended');
    expect(told.map(({ actor }) => actor.name)).toEqual([email, email, 'root@example.org']);
    expect(told[0]?.facts).toMatchObject({ email, sessions: [theOther] });
  });

  test('are ended by nobody else as their own, and a key has none', async () => {
    await using people = await openPeople();
    const [own, root] = [await people.logIn(), await people.logIn('root@example.org')];
    const mine = (await (await people.ask('/me/sessions', { headers: own, local: false })).json()) as Listed;
    const asked = `/me/sessions?session=${mine.items[0]?.id}`;
    expect((await people.ask(asked, { method: 'DELETE', headers: root, local: false })).status).toBe(404);
    expect(await people.isIn(own)).toBe(true);
    expect((await people.ask('/me/sessions')).status).toBe(404);
  });
});
