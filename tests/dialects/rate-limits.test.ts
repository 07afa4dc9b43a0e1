import { expect, test } from 'bun:test';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import { openPorts, type TestPortsOptions } from '#kit/ports.ts';

const password = 'correct horse battery staple';
const [home, elsewhere] = ['192.0.2.1', '198.51.100.7'];

/** Every dialect on one store, and a key. */
async function openServer(options: TestPortsOptions = {}) {
  const ports = await openPorts(options);
  const native = createNativeDialect(ports);
  const cortex = createCortexDialect(ports);
  const cybereason = createCybereasonDialect(ports);
  const created = await createKey(ports, administrator, {
    ...{ name: 'connector', role: 'Viewer', level: 'standard', expiresAt: null },
  } as const);
  const id = String(created.key.id);
  const asked = (dialect: Dialect, [path, init]: readonly [string, RequestInit], remoteAddress = home) =>
    dialect.handle(new Request(`https://custody.test:8443${path}`, init), { remoteAddress, local: false });
  return {
    ...{ ports, id, secret: created.secret },
    native: (authorization: string, from?: string) =>
      asked(native, ['/api/v1/me', { headers: { authorization } }], from),
    cortex(secret = created.secret, from?: string) {
      const headers = { 'x-xdr-auth-id': id, authorization: secret };
      return asked(cortex, ['/public_api/v1/endpoints/get_endpoints/', { method: 'POST', headers, body: '{}' }], from);
    },
    cybereason: (path: string, init: RequestInit) => asked(cybereason, [path, init]),
  };
}

const statusesOf = (responses: readonly Response[]) => responses.map(({ status }) => status);

test('a key that asks too often is told so in each dialect’s words, and after the time it is let in', async () => {
  const { ports, native, cortex, id, secret } = await openServer({ rate: { perMinute: 60, burst: 2 } });
  await using _ = ports;
  const key = `Custody-Key ${id}:${secret}`;
  expect(statusesOf([await native(key), await cortex()])).toEqual([200, 200]);
  const refused = await native(key);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
  const other = await cortex();
  expect([other.status, other.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await other.json()).toMatchObject({ reply: { err_code: 429, err_msg: expect.any(String) } });
  await Bun.sleep(1_050);
  expect((await cortex()).status).toBe(200);
});

test('a session of the Cybereason API that asks too often is answered 429 with Retry-After', async () => {
  const { ports, cybereason } = await openServer({ rate: { perMinute: 60, burst: 2 } });
  await using _ = ports;
  const email = 'ana@example.com';
  await createUser(ports, administrator, { email, password, role: 'Viewer' });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ username: email, password }).toString();
  const loggedIn = await cybereason('/login.html', { method: 'POST', headers: form, body });
  const cookie = loggedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const ask = () => cybereason('/rest/monitor/global/server/status', { headers: { cookie } });
  const answers = [await ask(), await ask(), await ask()];
  expect(answers.map(({ status }) => status === 429)).toEqual([false, false, true]);
  expect(answers[2]?.headers.get('retry-after')).toBe('1');
});

test('guessing a key shuts out who guesses, and never the right key from another address', async () => {
  const { ports, native, cortex, id, secret } = await openServer();
  await using _ = ports;
  const guesses = await Promise.all(Array.from({ length: 10 }, () => cortex('wrong', elsewhere)));
  expect(statusesOf(guesses)).toEqual(Array.from({ length: 10 }, () => 401));
  const right = `Custody-Key ${id}:${secret}`;
  const refused = [await cortex('wrong', elsewhere), await cortex(secret, elsewhere), await native(right, elsewhere)];
  expect(statusesOf(refused)).toEqual([429, 429, 429]);
  for (const response of refused) {
    expect(Number(response.headers.get('retry-after'))).toBeWithin(50, 61);
  }
  expect(statusesOf([await cortex(), await native(right)])).toEqual([200, 200]);
});

test('of many guesses at once no more count than of as many in a row, and unknown ids are counted alike', async () => {
  const { ports, native, secret } = await openServer();
  await using _ = ports;
  const guesses = await Promise.all(Array.from({ length: 30 }, () => native(`Custody-Key 999999:${secret}`)));
  expect(statusesOf(guesses).filter((status) => status === 401)).toHaveLength(10);
  expect(statusesOf(guesses).filter((status) => status === 429)).toHaveLength(20);
  const last = await native(`Custody-Key 999999:${secret}`);
  expect(last.status).toBe(429);
});
