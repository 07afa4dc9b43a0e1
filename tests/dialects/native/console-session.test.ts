import { describe, expect, test } from 'bun:test';
import { newPerson, somePassword } from '#kit/people.ts';
import { logIn, openProviderWorld, type ProviderWorld, site, throughProvider } from './provider-world.ts';
import { type NativeWorld, openNative } from './world.ts';

const consoleCookie = '__Host-custody-session';
const ada = { email: 'ada@example.org', groups: ['soc'] };

function into(page: string): string {
  return `?${new URLSearchParams({ returnTo: page })}`;
}

async function statusOf({ native }: ProviderWorld, token: string | undefined): Promise<number> {
  const request = new Request(`${site}/api/v1/me`, { headers: { cookie: `${consoleCookie}=${token}` } });
  return (await native.handle(request, { remoteAddress: '192.0.2.1', local: false })).status;
}

describe('A log-in through the provider that ends in the console', () => {
  test.each(['/console', '/console/', '/console/endpoints?group=offline'])(
    'opens a session that the console carries: %s',
    async (page) => {
      await using world = await openProviderWorld({ people: { ada } });
      const browser = world.newBrowser();
      const answered = await throughProvider(browser, 'ada', into(page));
      const visited = await browser.visit(answered.href, { stop: ({ pathname }) => pathname.startsWith('/console') });
      expect(visited.url.href).toBe(`${site}${page}`);
      const token = browser.cookie(site, consoleCookie);
      expect([await statusOf(world, token), token?.length]).toEqual([200, 64]);
      expect(browser.cookie(site, 'JSESSIONID')).toBeUndefined();
    },
  );

  test('sends its cookie back to this host alone, and only from its own pages', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const browser = world.newBrowser();
    const url = await throughProvider(browser, 'ada', into('/console/'));
    const cookie = `__Host-custody-log-in=${browser.cookie(site, '__Host-custody-log-in')}`;
    const arrival = new Request(url.href, { headers: { cookie } });
    const answer = await world.native.handle(arrival, { remoteAddress: '192.0.2.1', local: false });
    const [first = ''] = answer.headers.getSetCookie();
    expect(first).toMatch(
      /^__Host-custody-session=[0-9A-F]{64}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
  });

  test('takes the place of the same person’s session in the console, and of no other API’s', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const browser = world.newBrowser();
    await logIn(browser, 'ada');
    const vendors = browser.cookie(site, 'JSESSIONID');
    await logIn(browser, 'ada', into('/console/'));
    const first = browser.cookie(site, consoleCookie);
    await logIn(browser, 'ada', into('/console/'));
    const second = browser.cookie(site, consoleCookie);
    expect([await statusOf(world, first), await statusOf(world, second)]).toEqual([401, 200]);
    expect((await browser.visit(`${site}/rest/users/current`)).status).toBe(200);
    expect(browser.cookie(site, 'JSESSIONID')).toBe(vendors);
  });

  test.each(['/consoles', '/app.html?/console/', '/console/../app.html', '/'])(
    'is none of those that end elsewhere: %s',
    async (page) => {
      await using world = await openProviderWorld({ people: { ada } });
      const browser = world.newBrowser();
      await logIn(browser, 'ada', into(page));
      expect(browser.cookie(site, consoleCookie)).toBeUndefined();
      expect(browser.cookie(site, 'JSESSIONID')).toMatch(/^[0-9A-F]{32}$/);
    },
  );

  test('is begun again for the same page where it came to nothing', async () => {
    await using world = await openProviderWorld({ people: { ada: { ...ada, groups: [] } } });
    const refused = await logIn(world.newBrowser(), 'ada', into('/console/audit?tab=record'));
    expect(refused.status).toBe(403);
    const link = /href="([^"]+)"/.exec(refused.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(new URL(link).searchParams.get('returnTo')).toBe('/console/audit?tab=record');
  });
});

/** A browser that the console has logged in. */
async function cookieOf(world: NativeWorld): Promise<string> {
  await newPerson(world.ports, 'ana', 'Responder');
  const body = { email: 'ana@example.org', password: somePassword };
  const opened = await world.ask('/sessions/browser', { method: 'POST', body, local: false });
  return opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

describe('The session that the console carries', () => {
  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://custody.test:9443' },
    { origin: 'null' },
    { referer: 'https://evil.example/page' },
  ] as const)('is none for what a page elsewhere has the browser ask, reads too: %o', async (headers) => {
    await using world = await openNative();
    const cookie = await cookieOf(world);
    for (const asked of [
      { path: '/me', method: 'GET' },
      { path: '/endpoints', method: 'GET' },
      { path: '/files/search', method: 'POST', body: {} },
      { path: '/sessions/current', method: 'DELETE' },
    ]) {
      const answer = await world.ask(asked.path, { ...asked, headers: { ...headers, cookie }, local: false });
      expect([asked.path, answer.status]).toEqual([asked.path, 403]);
      expect(await answer.json()).toMatchObject({
        code: 'permission_denied',
        detail: expect.stringContaining('another site'),
      });
    }
    expect((await world.ask('/me', { headers: { cookie }, local: false })).status).toBe(200);
  });

  test.each([
    {},
    { 'sec-fetch-site': 'same-origin', origin: 'https://custody.test' },
    { 'sec-fetch-site': 'none' },
  ] as const)('is good for what the console asks, and for an address that was typed in: %o', async (headers) => {
    await using world = await openNative();
    const cookie = await cookieOf(world);
    expect((await world.ask('/me', { headers: { ...headers, cookie }, local: false })).status).toBe(200);
  });
});
