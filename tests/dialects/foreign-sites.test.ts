import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createKey } from '#core/verbs/create-key.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator } from '#kit/fleet.ts';
import { newPerson, somePassword } from '#kit/people.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const origin = 'https://custody.test:8443';

/** What a browser says of a request that a page of another site makes: newer ones the first, all of them one of the others. */
const foreign: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Sec-Fetch-Site: cross-site': { 'sec-fetch-site': 'cross-site' },
  'Sec-Fetch-Site: same-site': { 'sec-fetch-site': 'same-site' },
  'a foreign Origin': { origin: 'https://evil.example' },
  'an Origin that is hidden': { origin: 'null' },
  'a foreign Referer': { referer: 'https://evil.example/page' },
};

interface Door {
  readonly dialect: Dialect;
  /** Of somebody who may do everything. */
  readonly headers: Readonly<Record<string, string>>;
}

let ports: TestPorts;
let doors: readonly Door[];

beforeAll(async () => {
  ports = await openPorts();
  await newPerson(ports, 'root', 'Instance Administrator');
  const made = { name: '', level: 'standard', expiresAt: null } as const;
  const { key, secret } = await createKey(ports, administrator, { ...made, role: 'Instance Administrator' });
  const keyHeaders = { 'x-xdr-auth-id': String(key.id), authorization: secret };
  const cybereason = createCybereasonDialect(ports);
  const form = new URLSearchParams({ username: 'root@example.org', password: somePassword });
  const opened = await cybereason.handle(new Request(`${origin}/login.html`, { method: 'POST', body: form }), {
    remoteAddress: '192.0.2.1',
    local: false,
  });
  doors = [
    { dialect: createNativeDialect(ports), headers: keyHeaders },
    { dialect: createCortexDialect(ports), headers: keyHeaders },
    { dialect: cybereason, headers: { cookie: opened.headers.getSetCookie()[0]?.split(';')[0] ?? '' } },
  ];
});

afterAll(() => ports[Symbol.asyncDispose]());

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every path of what may change something: all but GET, of the API with a cookie GET too, for some of it changes things there. */
function unsafeRoutes({ name, operations }: Dialect): readonly Route[] {
  return operations
    .filter(({ method, paths }) => (method !== 'GET' || name === 'cybereason') && !isPage(method, paths))
    .flatMap(({ method, paths }) =>
      paths.map((path) => ({ method, path: path.replaceAll(/:\w+/g, '99999').replaceAll('*', 'x') })),
    );
}

/** What people type in or are led to; it changes nothing, and tells nothing of anybody. */
function isPage(method: string, paths: readonly string[]): boolean {
  return method === 'GET' && ['/login.html', '/', '/app.html'].some((page) => paths.includes(page));
}

async function statusOf({ dialect, headers }: Door, { method, path }: Route, more: Door['headers']): Promise<number> {
  const init = { method, headers: { ...headers, ...more }, ...(method !== 'GET' && { body: '{' }) };
  const answer = await dialect.handle(new Request(`${origin}${path}`, init), {
    remoteAddress: '192.0.2.1',
    local: false,
  });
  await answer.body?.cancel();
  return answer.status;
}

describe('A browser that a page of another site sends is refused by every route that may change something:', () => {
  test.each(Object.entries(foreign))('%s', async (_, headers) => {
    let asked = 0;
    for (const door of doors) {
      for (const route of unsafeRoutes(door.dialect)) {
        const call = `${door.dialect.name} ${route.method} ${route.path}`;
        expect([call, await statusOf(door, route, headers)]).toEqual([call, 403]);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(200);
  });

  test('and no page of our own is', async () => {
    for (const door of doors) {
      // The last of them ends the session.
      const routes = unsafeRoutes(door.dialect).filter(({ path }) => path !== '/logout');
      for (const route of routes) {
        const call = `${door.dialect.name} ${route.method} ${route.path}`;
        const own = { 'sec-fetch-site': 'same-origin', origin };
        expect([call, await statusOf(door, route, own)]).not.toEqual([call, 403]);
      }
    }
  });
});

test('The native API and that of Cortex XDR set no cookie, and take none for an identity', async () => {
  const [, , cybereason] = doors;
  const cookie = cybereason?.headers['cookie'] ?? '';
  for (const { dialect } of doors.slice(0, 2)) {
    for (const { method, paths, access } of dialect.operations) {
      const path = (paths[0] ?? '').replaceAll(/:\w+/g, '99999');
      const init = { method, headers: { cookie }, ...(method !== 'GET' && { body: '{}' }) };
      const answer = await dialect.handle(new Request(`${origin}${path}`, init), {
        remoteAddress: `192.0.2.${paths.length} ${path}`,
        local: false,
      });
      await answer.body?.cancel();
      expect([path, answer.headers.getSetCookie()]).toEqual([path, []]);
      if ('permission' in access) {
        expect([path, answer.status]).toEqual([path, 401]);
      }
    }
  }
});
