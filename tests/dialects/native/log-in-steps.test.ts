import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { minute } from '#core/time.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { codeAt } from '#kit/authenticator.ts';
import { openNative } from './world.ts';

const email = 'ana@example.org';
const password = 'correct horse battery';
const newPassword = 'another good password';

async function openPerson() {
  const world = await openNative();
  await world.ask('/users', { method: 'POST', body: { email, password, role: 'Responder' } });
  const logIn = (steps: Readonly<Record<string, string>> = {}) =>
    world.ask('/sessions', { method: 'POST', body: { email, password, ...steps }, local: false });
  const authorize = async (steps: Readonly<Record<string, string>> = {}) => {
    const { token } = (await (await logIn(steps)).json()) as { readonly token: string };
    return { authorization: `Bearer ${token}` };
  };
  type Headers = Awaited<ReturnType<typeof authorize>>;
  const post = (path: string, body: unknown, headers: Headers) =>
    world.ask(path, { method: 'POST', headers, body, local: false });
  return {
    ...{ world, logIn, authorize, post },
    isIn: async (headers: Headers) => (await world.ask('/me', { headers, local: false })).status === 200,
    async withSecondFactor() {
      const headers = await authorize();
      const { secret } = (await (await post('/me/second-factor', {}, headers)).json()) as { readonly secret: string };
      const code = codeAt(secret, world.ports.clock.now());
      expect((await post('/me/second-factor/confirm', { code }, headers)).status).toBe(200);
      world.ports.clock.advance(minute);
      return secret;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('a log-in says that it needs a code, and takes it in the same call', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const without = await person.logIn();
  expect(without.status).toBe(401);
  expect(await without.json()).toMatchObject({ code: 'unauthenticated', details: { what: 'second_factor' } });
  const wrong = await person.logIn({ code: 'abcdef' });
  expect(await wrong.json()).toMatchObject({ code: 'unauthenticated', details: { what: 'code' } });
  const code = codeAt(secret, person.world.ports.clock.now());
  const right = await person.logIn({ code });
  expect(right.status).toBe(201);
  expect(await right.json()).toMatchObject({ user: { hasSecondFactor: true } });
  expect((await person.logIn({ code })).status).toBe(401);
});

test('a call that failed leaves no session behind', async () => {
  await using person = await openPerson();
  await person.withSecondFactor();
  await person.logIn();
  await person.logIn({ code: 'abcdef' });
  const rows: string[] = [];
  for await (const { table, row } of person.world.ports.store.dump()) {
    if (table === 'sessions') {
      rows.push(String(row['stage']));
    }
  }
  // That of whoever made the second factor.
  expect(rows).toEqual(['open']);
});

test('an administrator has somebody choose another password, which a log-in takes in the same call', async () => {
  await using person = await openPerson();
  const before = await person.authorize();
  const expired = await person.world.ask('/users/password/expire', { method: 'POST', body: { email } });
  expect(expired.status).toBe(204);
  expect(await person.isIn(before)).toBe(true);
  const without = await person.logIn();
  expect(await without.json()).toMatchObject({ code: 'unauthenticated', details: { what: 'new_password' } });
  for (const bad of ['short', password]) {
    expect((await person.logIn({ newPassword: bad })).status).toBe(400);
  }
  const renewed = await person.logIn({ newPassword });
  expect(renewed.status).toBe(201);
  expect(await renewed.json()).toMatchObject({ user: { mustChangePassword: false } });
  expect(await person.isIn(before)).toBe(false);
  expect((await person.logIn()).status).toBe(401);
  expect((await person.logIn({ password: newPassword })).status).toBe(201);
  const unknown = await person.world.ask('/users/password/expire', {
    method: 'POST',
    body: { email: 'x@example.org' },
  });
  expect(unknown.status).toBe(404);
});

test('with a wrong code the new password is not kept', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  await person.world.ask('/users/password/expire', { method: 'POST', body: { email } });
  expect((await person.logIn({ newPassword, code: 'abcdef' })).status).toBe(401);
  const code = codeAt(secret, person.world.ports.clock.now());
  expect((await person.logIn({ newPassword, code })).status).toBe(201);
});

test('one changes one’s own password with the old one; the other sessions end', async () => {
  await using person = await openPerson();
  const [own, other] = [await person.authorize(), await person.authorize()];
  const wrong = await person.post('/me/password', { oldPassword: 'not this one', newPassword }, own);
  expect(wrong.status).toBe(403);
  expect((await person.post('/me/password', { oldPassword: password, newPassword: password }, own)).status).toBe(400);
  expect((await person.post('/me/password', { oldPassword: password, newPassword }, own)).status).toBe(204);
  expect([await person.isIn(own), await person.isIn(other)]).toEqual([true, false]);
});

test('a stolen session is no place to guess the password in', async () => {
  await using person = await openPerson();
  const own = await person.authorize();
  for (let count = 0; count < 5; count += 1) {
    await person.post('/me/password', { oldPassword: 'not this one', newPassword }, own);
  }
  expect(await person.isIn(own)).toBe(false);
});

test('keys and the local administrator have no password, and are told so', async () => {
  await using person = await openPerson();
  const authorization = await person.world.authorizationOf('Instance Administrator');
  const body = { oldPassword: password, newPassword };
  for (const asking of [{ headers: { authorization }, local: false }, { local: true }]) {
    const answer = await person.world.ask('/me/password', { method: 'POST', body, ...asking });
    expect(answer.status).toBe(404);
    const factor = await person.world.ask('/me/second-factor', { method: 'POST', ...asking });
    expect(factor.status).toBe(404);
  }
});

test('an administrator resets a second factor; the sessions that it had let in end', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const own = await person.authorize({ code: codeAt(secret, person.world.ports.clock.now()) });
  expect(await person.isIn(own)).toBe(true);
  await person.world.ask('/users/second-factor/reset', { method: 'POST', body: { email } });
  expect(await person.isIn(own)).toBe(false);
  expect((await person.logIn()).status).toBe(201);
});

test('a password in the field for the user is not kept in the event about it', async () => {
  await using person = await openPerson();
  for (const name of [password, email, 'nobody@example.org']) {
    const wrong = await person.world.ask('/sessions', {
      method: 'POST',
      body: { email: name, password: 'x' },
      local: false,
    });
    expect([400, 401]).toContain(wrong.status);
  }
  for (const name of [password, 'nobody@example.org']) {
    const attempt = { email: name, password: 'x', remoteAddress: '192.0.2.1', dialect: 'native' } as const;
    expect(await logIn(person.world.ports, attempt).catch((thrown: unknown) => thrown)).toBeInstanceOf(Fault);
  }
  const failed = await person.world.ports.store.read(({ events }) => events.list({ types: ['log_in_failed'] }, 0, 99));
  expect(new Set(failed.map(({ actor }) => actor.name))).toEqual(new Set([email, 'nobody@example.org', 'unknown']));
});
