import { expect, test } from 'bun:test';
import { hour } from '#core/time.ts';
import { advancedSignature } from '#core/verbs/authenticate-key.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { administrator } from '#kit/fleet.ts';
import { openNative } from './world.ts';

const email = 'ana@example.org';
const password = 'correct horse battery';

async function openWithUser() {
  const world = await openNative();
  const created = await world.ask('/users', { method: 'POST', body: { email, password, role: 'Responder' } });
  expect(created.status).toBe(201);
  return world;
}

async function logIn(world: Awaited<ReturnType<typeof openNative>>): Promise<string> {
  const response = await world.ask('/sessions', { method: 'POST', body: { email, password }, local: false });
  expect(response.status).toBe(201);
  const { token } = (await response.json()) as { token: string };
  return token;
}

test('a user who logs in is known by the token until the session ends', async () => {
  await using world = await openWithUser();
  const authorization = `Bearer ${await logIn(world)}`;
  const me = await world.ask('/me', { headers: { authorization }, local: false });
  expect(await me.json()).toMatchObject({
    ...{ kind: 'user', name: email, role: 'Responder' },
    account: { hasSecondFactor: false, recoveryCodesLeft: 0, hasPassword: true },
  });
  const ended = await world.ask('/sessions/current', { method: 'DELETE', headers: { authorization }, local: false });
  expect(ended.status).toBe(204);
  const after = await world.ask('/me', { headers: { authorization }, local: false });
  expect(after.status).toBe(401);
});

test('a session ends by itself', async () => {
  await using world = await openWithUser();
  const authorization = `Bearer ${await logIn(world)}`;
  world.ports.clock.advance(11 * hour);
  const response = await world.ask('/me', { headers: { authorization }, local: false });
  expect(response.status).toBe(401);
});

test('a wrong password and an unknown address get the same answer', async () => {
  await using world = await openWithUser();
  const answers = await Promise.all(
    [
      { email, password: 'wrong wrong wrong' },
      { email: 'nobody@example.org', password },
    ].map(async (body) => {
      const response = await world.ask('/sessions', { method: 'POST', body, local: false });
      return { status: response.status, body: await response.text() };
    }),
  );
  expect(answers[0]?.status).toBe(401);
  expect(answers[0]).toEqual(answers[1]);
});

test('an advanced key signs with the vendor’s headers', async () => {
  await using world = await openNative();
  const request = { name: 'soar', role: 'Viewer', level: 'advanced', expiresAt: null } as const;
  const { key, secret } = await createKey(world.ports, administrator, request);
  const timestamp = String(world.ports.clock.now());
  const headers = {
    'x-xdr-auth-id': String(key.id),
    'x-xdr-nonce': 'abc',
    'x-xdr-timestamp': timestamp,
    authorization: advancedSignature(secret, 'abc', timestamp),
  };
  const right = await world.ask('/me', { headers, local: false });
  expect(await right.json()).toMatchObject({ kind: 'key', name: 'soar', role: 'Viewer' });
  const wrong = await world.ask('/me', { headers: { ...headers, 'x-xdr-nonce': 'abd' }, local: false });
  expect(wrong.status).toBe(401);
});

test('a standard key with another key’s secret is refused', async () => {
  await using world = await openNative();
  const first = await world.authorizationOf('Viewer');
  const second = await world.authorizationOf('Instance Administrator');
  const mixed = `${second.split(':')[0]}:${first.split(':')[1]}`;
  const response = await world.ask('/me', { headers: { authorization: mixed }, local: false });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('Bearer');
});

test('on the local socket nobody need prove anything, and a credential that is presented counts', async () => {
  await using world = await openNative();
  const plain = await world.ask('/me');
  expect(await plain.json()).toMatchObject({ kind: 'local', role: 'Instance Administrator' });
  const authorization = await world.authorizationOf('Viewer');
  const asViewer = await world.ask('/me', { headers: { authorization } });
  expect(await asViewer.json()).toMatchObject({ kind: 'key', role: 'Viewer', account: null });
  const wrong = await world.ask('/me', { headers: { authorization: 'Bearer nonsense' } });
  expect(wrong.status).toBe(401);
});

test('secrets are shown once and lists have none', async () => {
  await using world = await openNative();
  const key = await world.ask('/keys', { method: 'POST', body: { role: 'Viewer', level: 'standard' } });
  const { secret } = (await key.json()) as { secret: string };
  expect(secret).toHaveLength(128);
  const made = await world.ask('/enrolment-tokens', { method: 'POST', body: { uses: 3, tags: ['dmz'] } });
  const { token } = (await made.json()) as { token: string };
  const lists = await Promise.all(['/keys', '/enrolment-tokens', '/users'].map((path) => world.ask(path)));
  const text = (await Promise.all(lists.map((list) => list.text()))).join('\n');
  expect(text).not.toContain(secret);
  expect(text).not.toContain(token);
  expect(text).not.toMatch(/hash|sealed/i);
  expect(text).toContain('"usesLeft":3');
});

test('a key that would have expired already is refused', async () => {
  await using world = await openNative();
  const expiresAt = new Date(world.ports.clock.now() - hour).toISOString();
  const response = await world.ask('/keys', { method: 'POST', body: { role: 'Viewer', level: 'standard', expiresAt } });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ details: { field: 'expiresAt' } });
});
