import { describe, expect, test } from 'bun:test';
import { minute, second } from '#core/time.ts';
import { changeUser } from '#core/verbs/change-user.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { deleteUser } from '#core/verbs/delete-user.ts';
import { expirePassword } from '#core/verbs/expire-password.ts';
import { linkUser } from '#core/verbs/link-user.ts';
import { logIn as logInWithPassword } from '#core/verbs/log-in.ts';
import { resetPassword } from '#core/verbs/reset-password.ts';
import { resetSecondFactor } from '#core/verbs/second-factor.ts';
import { administrator } from '#kit/fleet.ts';
import {
  ask,
  attemptCookie,
  begin,
  callback,
  logIn,
  logInForCommandLine,
  openProviderWorld,
  type ProviderWorld,
  refusals,
  site,
  throughProvider,
  trade,
} from './provider-world.ts';

const ada = { email: 'Ada@example.org', email_verified: true, groups: ['everyone', 'soc'] };

async function refusalOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
}

/** Calls the native API with the token that a browser got in its cookie. */
async function callNative(
  { native }: ProviderWorld,
  path: string,
  { token, body }: { readonly token: string; readonly body?: object },
): Promise<Response> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const request = new Request(`${site}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, ...init });
  return native.handle(request, { remoteAddress: '192.0.2.1', local: false });
}

/** A session of the native API, as a command line gets it. */
async function nativeToken(world: ProviderWorld): Promise<string> {
  const { code } = await logInForCommandLine(world.newBrowser(), 'ada');
  const { token } = (await (await trade(world, { code })).json()) as { readonly token: string };
  return token;
}

/** A browser that the provider has sent back, and that has not come yet. */
async function answered(world: ProviderWorld) {
  const browser = world.newBrowser();
  const url = await throughProvider(browser, 'ada');
  return { url, attempt: browser.cookie(site, attemptCookie) };
}

describe('A log-in through the provider', () => {
  test('opens a session as a password does, in the name of a user who is made at the first one', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { issuer } = world.provider;
    const browser = world.newBrowser();
    const page = await logIn(browser, 'ada');
    expect([page.status, page.url.href]).toEqual([200, `${site}/app.html`]);
    const token = browser.cookie(site, 'JSESSIONID') ?? '';
    expect(token).toMatch(/^[0-9A-F]{32}$/);
    expect(browser.cookie(site, attemptCookie)).toBeUndefined();
    const vendor = await browser.visit(`${site}/rest/users/current`);
    expect(JSON.parse(vendor.text)).toMatchObject({ username: 'ada@example.org', custodyRole: 'Responder' });
    await logIn(world.newBrowser(), 'ada');
    const users = await world.ports.store.read(({ credentials }) => credentials.users());
    expect(users).toMatchObject([
      { email: 'ada@example.org', passwordHash: null, secondFactor: null, identity: { issuer, subject: 'ada' } },
    ]);
    const told = (await world.events()).map(({ type, actor, facts }) => ({ type, by: actor.kind, facts }));
    const loggedIn = { type: 'logged_in', by: 'user', facts: { remoteAddress: '192.0.2.1', issuer, subject: 'ada' } };
    expect(told).toMatchObject([
      {
        type: 'user_created',
        by: 'server',
        facts: { email: 'ada@example.org', role: 'Responder', issuer, subject: 'ada' },
      },
      loggedIn,
      loggedIn,
    ]);
  });

  test('asks with a challenge, state and nonce that are new each time, and for the registered address alone', async () => {
    await using world = await openProviderWorld();
    const asked = await Promise.all([ask(world, begin), ask(world, begin)]);
    const queries = asked.map(({ headers }) => new URL(headers.get('location') ?? '').searchParams);
    for (const query of queries) {
      expect(Object.fromEntries(query)).toMatchObject({
        ...{ response_type: 'code', client_id: 'custody', redirect_uri: callback, scope: 'openid email groups' },
        code_challenge_method: 'S256',
      });
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const [one, other] = queries.map((query) => query.get(name));
      expect(one).toMatch(/^[\w-]{43}$/);
      expect(one).not.toBe(other);
    }
    const cookie = asked[0]?.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-custody-log-in=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const [state] = queries.map((query) => query.get('state') ?? '');
    expect(Buffer.from(cookie, 'base64url').toString('latin1')).not.toContain(state ?? '');
  });

  test('takes what the token does not say from the provider’s own page about the person', async () => {
    await using world = await openProviderWorld({ people: { ada }, isInToken: false });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
    expect(world.provider.asked).toContain('/me');
  });

  test('finds groups within an object', async () => {
    const people = { ada: { email: 'a@example.org', realm_access: { roles: ['watchers'] } } };
    await using world = await openProviderWorld({ people, groupsClaim: 'realm_access.roles' });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
    expect(await world.ports.store.read(({ credentials }) => credentials.users())).toMatchObject([{ role: 'Viewer' }]);
  });

  test('ends at a page of this server, and at no other', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const inside = `?returnTo=${encodeURIComponent('/login.html?totp#x')}`;
    const url = await throughProvider(world.newBrowser(), 'ada', inside);
    expect(url.href).toStartWith(callback);
    const visited = await logIn(world.newBrowser(), 'ada', inside);
    expect(visited.url.href).toBe(`${site}/login.html?totp#x`);
    const outside = [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      '\\/evil.test',
      'evil.test',
      '',
      'javascript:alert(1)',
    ];
    for (const returnTo of [
      ...outside,
      '/\t/evil.test',
      '/\n/evil.test',
      'https://custody.test:8443@evil.test/',
      `/${'a'.repeat(1_023)}b`,
    ]) {
      const refused = await ask(world, `${begin}?${new URLSearchParams({ returnTo })}`);
      expect([returnTo, refused.status]).toEqual([returnTo, 400]);
      expect(refused.headers.get('location')).toBeNull();
    }
    // Dots are no way out either: what is left of them is a path of ours.
    const dots = await logIn(world.newBrowser(), 'ada', `?returnTo=${encodeURIComponent('/.//evil.test/..')}`);
    expect(dots.url.origin).toBe(site);
  });
});

describe('A log-in through the provider takes the place of the session that the browser carried', () => {
  const apis = [
    { api: 'Cybereason API', cookie: 'JSESSIONID', query: '', path: '/rest/users/current', ended: 302 },
    {
      ...{ api: 'console', cookie: '__Host-custody-session', query: '?returnTo=/console/' },
      ...{ path: '/api/v1/me', ended: 401 },
    },
  ] as const;

  test.each(apis)('of the $api, where it is the same person’s', async ({ cookie, query, path, ended }) => {
    await using world = await openProviderWorld({ people: { ada, eve: { ...ada, email: 'eve@example.org' } } });
    const statusOf = async (token: string | undefined) => {
      const dialect = path.startsWith('/api/') ? world.native : world.cybereason;
      const request = new Request(`${site}${path}`, { headers: { cookie: `${cookie}=${token}` } });
      return (await dialect.handle(request, { remoteAddress: '192.0.2.1', local: false })).status;
    };
    const browser = world.newBrowser();
    await logIn(browser, 'ada', query);
    const first = browser.cookie(site, cookie);
    await logIn(browser, 'ada', query);
    const second = browser.cookie(site, cookie);
    expect([await statusOf(first), await statusOf(second)]).toEqual([ended, 200]);
    // Somebody else's is not theirs to end.
    const other = world.newBrowser();
    other.carry(site, cookie, String(second));
    await logIn(other, 'eve', query);
    expect([other.cookie(site, cookie) === second, await statusOf(second)]).toEqual([false, 200]);
  });
});

describe('What a log-in through the provider allows', () => {
  test('brings another role with other groups, at once for sessions that are open', async () => {
    const people = { ada: { ...ada, groups: ['soc-paris', 'watchers', 'soc-berlin'] } };
    await using world = await openProviderWorld({ people });
    const token = await nativeToken(world);
    const me = async () => (await callNative(world, '/me', { token })).json();
    expect(await me()).toMatchObject({ role: 'Responder', tags: ['berlin', 'paris'] });
    people.ada = { ...ada, groups: ['watchers'] };
    await logIn(world.newBrowser(), 'ada');
    expect(await me()).toMatchObject({ role: 'Viewer', tags: null });
    const [changed, ...more] = (await world.events()).filter(({ type }) => type === 'user_changed');
    expect(more).toEqual([]);
    expect(changed).toMatchObject({
      actor: { kind: 'server' },
      facts: { from: { role: 'Responder', tags: ['berlin', 'paris'] }, to: { role: 'Viewer', tags: null } },
    });
  });

  test('is refused to who has lost every group, and their sessions end', async () => {
    const people = { ada };
    await using world = await openProviderWorld({ people });
    const token = await nativeToken(world);
    expect((await callNative(world, '/me', { token })).status).toBe(200);
    people.ada = { ...ada, groups: ['everyone'] };
    const page = await logIn(world.newBrowser(), 'ada');
    expect(page.status).toBe(403);
    expect(page.text).toContain('none of your groups there has a role on this server');
    expect((await callNative(world, '/me', { token })).status).toBe(401);
    const failed = (await world.events()).findLast(({ type }) => type === 'log_in_failed');
    expect(failed).toMatchObject({
      actor: { name: 'ada@example.org' },
      facts: { reason: 'no_role', subject: 'ada', groups: ['everyone'] },
    });
    expect(failed?.actor.id).not.toBe('');
  });

  test('works with keys that the provider has changed a moment ago', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
    world.provider.rotate();
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  });
});

describe('Nobody comes in', () => {
  test.each([
    ['in no group that has a role', { ...ada, groups: ['everyone'] }, { status: 403, reason: 'no_role' }],
    ['whose groups are no list', { ...ada, groups: { soc: true } }, { status: 403, reason: 'no_role' }],
    ['whose group differs in a letter', { ...ada, groups: ['SOC', 'soc '] }, { status: 403, reason: 'no_role' }],
    ['of whom no groups are told', { email: ada.email }, { status: 403, reason: 'no_role' }],
    ['without an address', { groups: ['soc'] }, { status: 403, reason: 'no_email' }],
    ['whose address is none', { ...ada, email: 'ada' }, { status: 403, reason: 'no_email' }],
    ['whose address is not verified', { ...ada, email_verified: false }, { status: 403, reason: 'email_not_verified' }],
    [
      'whose address is not verified, in words',
      { ...ada, email_verified: 'false' },
      { status: 403, reason: 'email_not_verified' },
    ],
  ])('%s', async (_, person, { status, reason }) => {
    await using world = await openProviderWorld({ people: { ada: person } });
    const browser = world.newBrowser();
    const page = await logIn(browser, 'ada');
    expect(page.status).toBe(status);
    expect(page.text).toContain('Nobody was logged in');
    expect(browser.cookie(site, 'JSESSIONID')).toBeUndefined();
    expect(await refusals(world)).toEqual([reason]);
    expect(await world.ports.store.read(({ credentials }) => credentials.users())).toEqual([]);
  });
});

describe('Nobody becomes a user of this server', () => {
  test('with the address of a user who is there already, until an administrator says who it is', async () => {
    await using world = await openProviderWorld({ people: { ada, eve: ada } });
    const { ports } = world;
    const email = 'ada@example.org';
    const password = 'a password of Ada';
    const local = await createUser(ports, administrator, { email, password, role: 'Viewer' });
    const page = await logIn(world.newBrowser(), 'ada');
    expect(page.status).toBe(409);
    expect(page.text).toContain('custody user link ada@example.org --subject ada');
    expect(await refusals(world)).toEqual(['email_taken']);
    const own = await logInWithPassword(ports, { email, password, remoteAddress: '192.0.2.9', dialect: 'native' });
    await linkUser(ports, administrator, { email: 'ADA@example.org', subject: 'ada' });
    expect((await callNative(world, '/me', { token: own.token })).status).toBe(401);
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
    const me = await callNative(world, '/me', { token: await nativeToken(world) });
    expect(await me.json()).toMatchObject({ id: local.id, role: 'Responder' });
    expect(
      await refusalOf(logInWithPassword(ports, { email, password, remoteAddress: '192.0.2.9', dialect: 'native' })),
    ).toMatchObject({
      code: 'unauthenticated',
      message: 'The user name or the password is wrong. Whoever logs in through Acme has none here.',
    });
    // Whoever has the address next is somebody else.
    expect((await logIn(world.newBrowser(), 'eve')).status).toBe(409);
    expect(
      await refusalOf(linkUser(ports, administrator, { email: 'nobody@example.org', subject: 'x' })),
    ).toMatchObject({
      code: 'not_found',
    });
    await createUser(ports, administrator, { email: 'eve@example.org', password, role: 'Viewer' });
    for (const [subject, code] of [
      ['ada', 'conflict'],
      ['', 'invalid_request'],
      ['ä', 'invalid_request'],
    ] as const) {
      const link = linkUser(ports, administrator, { email: 'eve@example.org', subject });
      expect(await refusalOf(link)).toMatchObject({ code });
    }
    // And whoever the user was before is nobody now.
    await linkUser(ports, administrator, { email, subject: 'eve' });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(409);
  });

  test('by a password, or with codes, that are the provider’s to keep', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { ports } = world;
    const token = await nativeToken(world);
    const passwords = { oldPassword: '', newPassword: 'a good new password' };
    // More often than a session has attempts: none is counted.
    for (let time = 0; time < 7; time += 1) {
      const refused = await callNative(world, '/me/password', { token, body: passwords });
      expect(refused.status).toBe(409);
      expect(await refused.text()).toContain('passwords and codes of that account are kept and changed there');
    }
    expect((await callNative(world, '/me/second-factor', { token, body: {} })).status).toBe(409);
    expect((await callNative(world, '/me/second-factor/confirm', { token, body: { code: '123456' } })).status).toBe(
      409,
    );
    const email = 'ada@example.org';
    expect(await refusalOf(expirePassword(ports, administrator, email))).toMatchObject({ code: 'conflict' });
    expect(await refusalOf(resetSecondFactor(ports, administrator, email))).toMatchObject({ code: 'conflict' });
    for (const password of ['', 'null', 'undefined']) {
      const attempt = logInWithPassword(ports, { email, password, remoteAddress: '192.0.2.1', dialect: 'native' });
      expect(await refusalOf(attempt)).toMatchObject({ code: 'unauthenticated' });
    }
    expect((await callNative(world, '/me', { token })).status).toBe(200);
  });

  test('where people log in with passwords only', async () => {
    await using world = await openProviderWorld();
    const { openNative } = await import('./world.ts');
    await using plain = await openNative();
    expect(await (await plain.ask('/sessions/ways')).json()).toEqual({ provider: null });
    for (const path of ['/sessions/provider', '/sessions/provider/callback?code=x&state=y']) {
      expect((await plain.ask(path)).status).toBe(404);
    }
    const ways = await ask(world, `${site}/api/v1/sessions/ways`);
    expect(await ways.json()).toEqual({ provider: { name: 'Acme', issuer: world.provider.issuer, address: begin } });
  });
});

describe('An answer counts in the browser that asked, and once', () => {
  test('not twice', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { url, attempt } = await answered(world);
    const rivals = await Promise.all([1, 2, 3, 4].map(() => ask(world, url.href, { attempt })));
    expect(rivals.map(({ status }) => status).toSorted()).toEqual([303, 401, 401, 401]);
    expect((await ask(world, url.href, { attempt })).status).toBe(401);
    expect(world.provider.asked.filter((path) => path === '/token')).toHaveLength(1);
    const reasons = (await world.events()).flatMap(({ facts }) => facts['reason'] ?? []);
    expect(reasons).toEqual(['used_before', 'used_before', 'used_before', 'used_before']);
  });

  test('not without the cookie, with another, or with one that was made up', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { url } = await answered(world);
    const other = world.newBrowser();
    await throughProvider(other, 'ada');
    const sealedForElse = Buffer.from(world.ports.secrets.seal(new TextEncoder().encode('{"purpose":"x"}'))).toString(
      'base64url',
    );
    const noJson = Buffer.from(world.ports.secrets.seal(Uint8Array.of(1, 2))).toString('base64url');
    const attempts = [undefined, other.cookie(site, attemptCookie), 'AAAA', sealedForElse, noJson, 'A'.repeat(300)];
    for (const attempt of attempts) {
      const refused = await ask(world, url.href, { attempt });
      expect(refused.status).toBe(401);
      expect(await refused.text()).toContain('This browser has not begun this log-in');
      expect(refused.headers.get('set-cookie')).toBeNull();
    }
    expect(await refusals(world)).toEqual(attempts.map(() => 'other_browser'));
    expect(world.provider.asked).not.toContain('/token');
  });

  test('not with another state, or two of them', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { url, attempt } = await answered(world);
    const state = url.searchParams.get('state') ?? '';
    for (const query of [`code=x&state=${'a'.repeat(43)}`, 'code=x', `code=x&state=${state}&state=${state}`, '']) {
      expect((await ask(world, `${callback}?${query}`, { attempt })).status).toBe(401);
    }
    expect(await refusals(world)).toEqual(Array.from({ length: 4 }, () => 'other_browser'));
  });

  test('not with a code that was made for another browser', async () => {
    await using world = await openProviderWorld({ people: { ada, eve: { ...ada, email: 'eve@example.org' } } });
    const victim = await answered(world);
    const eve = await throughProvider(world.newBrowser(), 'eve');
    victim.url.searchParams.set('code', eve.searchParams.get('code') ?? '');
    const refused = await ask(world, victim.url.href, { attempt: victim.attempt });
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain('Acme did not accept the code of this log-in');
    expect(await refusals(world)).toEqual(['code_refused']);
  });

  test('not after ten minutes', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { url, attempt } = await answered(world);
    world.ports.clock.advance(10 * minute);
    expect((await ask(world, url.href, { attempt })).status).toBe(401);
    expect(await refusals(world)).toEqual(['too_late']);
  });
});

describe('What administrators decided here holds', () => {
  test('not for somebody whom an administrator has disabled, with whatever groups', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { ports } = world;
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
    const [user] = await ports.store.read(({ credentials }) => credentials.users());
    await changeUser(ports, administrator, { user: user?.id ?? '', changes: { disabled: true } });
    const page = await logIn(world.newBrowser(), 'ada');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('was disabled on this server')]);
    const events = await world.events();
    expect(events.find(({ type }) => type === 'log_in_failed')?.facts['reason']).toBe('disabled');
    await changeUser(ports, administrator, { user: user?.id ?? '', changes: { disabled: false } });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  });

  test('nor does it take the last administrator away, by a link or by other groups', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { ports } = world;
    const password = 'a long password';
    const chief = { email: 'chief@example.org', password, role: 'Instance Administrator' } as const;
    await createUser(ports, administrator, chief);
    const link = () => linkUser(ports, administrator, { email: chief.email, subject: 'ada' });
    expect(await refusalOf(link())).toMatchObject({ code: 'conflict', details: { what: 'last_administrator' } });
    const other = await createUser(ports, administrator, { ...chief, email: 'other@example.org' });
    await link();
    await changeUser(ports, administrator, { user: other.id, changes: { disabled: true } });
    const page = await logIn(world.newBrowser(), 'ada');
    expect([page.status, page.text]).toEqual([409, expect.stringContaining('you are the last one here')]);
    const linked = await ports.store.read(({ credentials }) => credentials.userByEmail(chief.email));
    expect(linked?.role).toBe('Instance Administrator');
    await changeUser(ports, administrator, { user: other.id, changes: { disabled: false } });
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  });

  test('and nobody comes back as somebody else: whom the provider knows is disabled, not deleted', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { ports } = world;
    await logIn(world.newBrowser(), 'ada');
    const refused = await refusalOf(deleteUser(ports, administrator, 'ada@example.org'));
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining('Disable the user instead') });
  });
});

describe('Once this server has that provider no more', () => {
  const password = 'a long password';

  /** The same server with another provider, or none. */
  const without = ({ ports }: ProviderWorld) => ({ ...ports, identityProvider: undefined });

  test('its people are deleted, or log in with the password that an administrator gives them', async () => {
    await using world = await openProviderWorld({ people: { ada, eve: { ...ada, email: 'eve@example.org' } } });
    await logIn(world.newBrowser(), 'ada');
    await logIn(world.newBrowser(), 'eve');
    const now = without(world);
    await deleteUser(now, administrator, 'eve@example.org');
    const reset = { user: 'ada@example.org', password };
    expect(await refusalOf(resetPassword(world.ports, administrator, reset))).toMatchObject({ code: 'conflict' });
    const own = await resetPassword(now, administrator, reset);
    expect(own).toMatchObject({ identity: null, mustChangePassword: true, role: 'Responder' });
    const session = { email: own.email, password, remoteAddress: '192.0.2.1', dialect: 'native' } as const;
    expect(await logInWithPassword(now, session)).toMatchObject({ stage: 'new_password', user: { id: own.id } });
    const told = (await world.events()).find(({ type }) => type === 'password_reset');
    expect(told?.facts['unlinked']).toEqual({ issuer: world.provider.issuer, subject: 'ada' });
    // From now on the provider's word is nobody's here.
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(409);
  });

  test('its administrators are no more the ones who could log in', async () => {
    await using world = await openProviderWorld({ people: { ada: { ...ada, groups: ['custody-admins'] } } });
    const { ports } = world;
    const chief = { email: 'chief@example.org', password, role: 'Instance Administrator' } as const;
    const { id } = await createUser(ports, administrator, chief);
    await logIn(world.newBrowser(), 'ada');
    const change = { user: id, changes: { disabled: true } };
    expect(await refusalOf(changeUser(without(world), administrator, change))).toMatchObject({
      details: { what: 'last_administrator' },
    });
    await changeUser(ports, administrator, change);
  });
});

test('Links that lead nowhere shut nobody out: an administrator with a password stays', async () => {
  await using world = await openProviderWorld();
  const { ports } = world;
  const role = 'Instance Administrator';
  for (const email of ['one@example.org', 'two@example.org']) {
    await createUser(ports, administrator, { email, password: 'a long password', role });
  }
  await linkUser(ports, administrator, { email: 'one@example.org', subject: 'wrong' });
  const second = linkUser(ports, administrator, { email: 'two@example.org', subject: 'wrong too' });
  expect(await refusalOf(second)).toMatchObject({ code: 'conflict', details: { what: 'last_administrator' } });
  await linkUser(ports, administrator, { email: 'one@example.org', subject: 'right' });
});

describe('An answer counts as the provider gave it', () => {
  test('not of another issuer, or of one that does not say who it is where it promised to', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'https://evil.test'),
      (url: URL) => url.searchParams.delete('iss'),
      (url: URL) => url.searchParams.append('iss', 'https://evil.test'),
    ]) {
      const { url, attempt } = await answered(world);
      change(url);
      expect((await ask(world, url.href, { attempt })).status).toBe(401);
    }
    expect(await refusals(world)).toEqual(['answer_refused', 'answer_refused', 'answer_refused']);
    expect(world.provider.asked).not.toContain('/token');
  });

  test('not where the provider itself says no; its words are shown as words', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    for (const [error, words] of [
      ['access_denied', 'Acme did not log you in (access_denied)'],
      ['<script>alert(1)</script>', 'Acme did not log you in (without a reason)'],
    ] as const) {
      const { url, attempt } = await answered(world);
      url.searchParams.delete('code');
      url.searchParams.set('error', error);
      url.searchParams.set('error_description', '<script>alert(1)</script>');
      const refused = await ask(world, url.href, { attempt });
      const page = await refused.text();
      expect(page).toContain(words);
      expect(page).not.toContain('<script');
      expect(refused.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    expect(await refusals(world)).toEqual(['refused_by_provider', 'refused_by_provider']);
  });

  test('and what the provider says of somebody is shown as text', async () => {
    const login = `<b title="x">&'`;
    await using world = await openProviderWorld({ people: { [login]: { groups: [] } } });
    const page = await logIn(world.newBrowser(), login);
    expect(page.status).toBe(403);
    expect(page.text).toContain('knows you as &lt;b title=&quot;x&quot;&gt;&amp;&#39;, but none');
  });

  test('and an address from which many came to nothing has to wait, which no other has', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const wrong = `${callback}?code=x&state=y`;
    const guesses = Array.from({ length: 30 }, () => ask(world, wrong, { remoteAddress: '198.51.100.7' }));
    const refused = (await Promise.all(guesses)).map(({ status }) => status);
    expect(refused.filter((status) => status === 401)).toHaveLength(10);
    expect(refused.filter((status) => status === 429)).toHaveLength(20);
    const barred = await ask(world, wrong, { remoteAddress: '198.51.100.7' });
    expect(barred.status).toBe(429);
    expect((await world.events()).length).toBe(10);
    expect((await logIn(world.newBrowser('198.51.100.7'), 'ada')).status).toBe(429);
    expect((await logIn(world.newBrowser('198.51.100.8'), 'ada')).status).toBe(200);
  });

  test('of IPv6 it is the network: whoever has one address of it has all', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const wrong = `${callback}?code=x&state=y`;
    for (let n = 1; n <= 10; n += 1) {
      expect((await ask(world, wrong, { remoteAddress: `2001:db8::${n}` })).status).toBe(401);
    }
    expect((await ask(world, wrong, { remoteAddress: '2001:db8::ffff' })).status).toBe(429);
    expect((await ask(world, wrong, { remoteAddress: '2001:db8:0:1::1' })).status).toBe(401);
  });

  test('Programs are told as by every operation, and nothing secret is written down', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { url, attempt } = await answered(world);
    const code = url.searchParams.get('code') ?? '';
    url.searchParams.set('iss', 'https://evil.test');
    const refused = await ask(world, url.href, { attempt, accept: 'application/json' });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ code: 'unauthenticated', details: { reason: 'answer_refused' } });
    const told = Bun.inspect([world.logged, await world.events()], { depth: 20 });
    expect(told).toContain('answer_refused');
    expect(told).not.toContain(code);
    expect(told).not.toContain(attempt ?? '');
  });
});

describe('While the provider is away', () => {
  test('everyone is told in words, passwords go on, and it is found again when it is back', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    const { ports, provider } = world;
    provider.isAway = true;
    const refused = await ask(world, begin);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('Acme cannot be reached at the moment');
    const email = 'local@example.org';
    await createUser(ports, administrator, { email, password: 'a long password', role: 'Viewer' });
    await logInWithPassword(ports, {
      email,
      password: 'a long password',
      remoteAddress: '192.0.2.1',
      dialect: 'native',
    });
    const asked = provider.asked.length;
    provider.isAway = false;
    // It is not asked again at once: strangers can begin as often as they like.
    expect((await ask(world, begin)).status).toBe(503);
    expect(provider.asked.length).toBe(asked);
    ports.clock.advance(5 * second);
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  });

  test.each([
    ['drops connections', (world: ProviderWorld) => (world.provider.isAway = true)],
    ['answers 503', (world: ProviderWorld) => (world.provider.status = 503)],
  ])('no answer is redeemed, which is nobody’s fault: it %s', async (_, leave) => {
    await using world = await openProviderWorld({ people: { ada } });
    for (let time = 0; time < 11; time += 1) {
      const browser = world.newBrowser();
      const url = await throughProvider(browser, 'ada');
      leave(world);
      const refused = await ask(world, url.href, { attempt: browser.cookie(site, attemptCookie) });
      expect(refused.status).toBe(503);
      Object.assign(world.provider, { isAway: false, status: undefined });
    }
    expect(new Set(await refusals(world))).toEqual(new Set(['provider_unavailable']));
  });

  test('what it said of itself is good for an hour, and longer while it is away', async () => {
    await using world = await openProviderWorld();
    const { ports, provider } = world;
    const discoveries = () => provider.asked.filter((path) => path.includes('openid-configuration')).length;
    await Promise.all([ask(world, begin), ask(world, begin), ask(world, begin)]);
    ports.clock.advance(59 * minute);
    await ask(world, begin);
    expect(discoveries()).toBe(1);
    ports.clock.advance(minute);
    await ask(world, begin);
    expect(discoveries()).toBe(2);
    provider.isAway = true;
    ports.clock.advance(61 * minute);
    expect((await ask(world, begin)).status).toBe(303);
    expect(discoveries()).toBe(3);
  });

  test.each([
    [
      'calls itself another',
      'does not match the expected issuer',
      (metadata: object) => ({ ...metadata, issuer: 'http://127.0.0.1:1' }),
    ],
    [
      'adds a slash to its name',
      'they must be the same',
      (metadata: object) => ({ ...metadata, issuer: `${Reflect.get(metadata, 'issuer')}/` }),
    ],
  ])('or %s, nobody is sent there', async (_, words, describe) => {
    await using world = await openProviderWorld();
    world.provider.describe = describe;
    expect((await ask(world, begin)).status).toBe(503);
    expect(JSON.stringify(world.logged)).toContain(words);
  });

  test('A provider that names a plain address of another machine is not asked there', async () => {
    await using world = await openProviderWorld({ people: { ada } });
    world.provider.describe = (metadata) => ({ ...metadata, token_endpoint: 'http://custody.test/token' });
    const browser = world.newBrowser();
    const url = await throughProvider(browser, 'ada');
    expect((await ask(world, url.href, { attempt: browser.cookie(site, attemptCookie) })).status).toBe(503);
    expect(JSON.stringify(world.logged)).toContain('it names an address that is not https');
  });
});
