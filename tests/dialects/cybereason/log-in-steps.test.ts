import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { day } from '#core/time.ts';
import { renewPassword } from '#core/verbs/change-password.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { expirePassword } from '#core/verbs/expire-password.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { confirmSecondFactor, prepareSecondFactor, resetSecondFactor } from '#core/verbs/second-factor.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { codeAt } from '#kit/authenticator.ts';
import { administrator } from '#kit/fleet.ts';
import type { TestPortsOptions } from '#kit/ports.ts';
import { openWorld, origin, password, remoteAddress } from './world.ts';

const email = 'ana@example.com';
const dialect = 'cybereason';

async function openPerson(more: { readonly mustChangePassword?: boolean } = {}, options: TestPortsOptions = {}) {
  const world = await openWorld(options);
  const user = await createUser(world.ports, administrator, { email, password, role: 'Responder', ...more });
  const form = (path: string, fields: Readonly<Record<string, string>>, cookie?: string) =>
    world.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie !== undefined && { cookie }) },
      body: new URLSearchParams(fields).toString(),
    });
  return {
    world,
    user,
    form,
    begin: (secret = password) => form('/login.html', { username: email, password: secret }),
    page: async (path: string, cookie: string) => (await world.send({ path, headers: { cookie } })).text(),
    /** Whether the session lets its holder in. */
    async isIn(cookie: string) {
      const answer = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
      return answer.status === 200;
    },
    async withSecondFactor() {
      const { secret } = await prepareSecondFactor(world.ports, user.id);
      await confirmSecondFactor(world.ports, {
        ...{ userId: user.id, code: codeAt(secret, world.ports.clock.now()), remoteAddress },
      });
      world.ports.clock.advance(60_000);
      return secret;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Fault ? thrown.code : undefined;
}

function placeOf(answer: Response): string {
  expect(answer.status).toBe(302);
  return answer.headers.get('location') ?? '';
}

test('a second factor is asked for after the password, and only its code opens the session', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const first = await person.begin();
  expect(placeOf(first)).not.toMatch(/error|reset/);
  const cookie = cookieOf(first);
  expect(await person.page(placeOf(first), cookie)).toContain('Two factor authentication');
  expect(await person.isIn(cookie)).toBe(false);
  const code = codeAt(secret, person.world.ports.clock.now());
  const wrong = await person.form('/', { totpCode: code === '000000' ? '000001' : '000000', submit: 'Login' }, cookie);
  expect(placeOf(wrong)).toContain('error');
  expect(wrong.headers.getSetCookie()).toEqual([]);
  expect(await person.isIn(cookie)).toBe(false);
  const right = await person.form('/', { totpCode: code, submit: 'Login' }, cookie);
  expect(placeOf(right)).toBe('/#/current?');
  expect(await person.isIn(cookie)).toBe(true);
});

test('a code counts once, in whichever session', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const code = codeAt(secret, person.world.ports.clock.now());
  const [one, other] = [cookieOf(await person.begin()), cookieOf(await person.begin())];
  expect(placeOf(await person.form('/login.html', { totpCode: code }, one))).toBe('/#/current?');
  expect(placeOf(await person.form('/', { totpCode: code }, other))).toContain('error');
  person.world.ports.clock.advance(30_000);
  const next = codeAt(secret, person.world.ports.clock.now());
  expect(placeOf(await person.form('/', { totpCode: next }, other))).toBe('/#/current?');
});

test('after five wrong codes the session is over; a code without a session, or for another, opens nothing', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const cookie = cookieOf(await person.begin());
  for (let count = 0; count < 5; count += 1) {
    await person.form('/', { totpCode: 'abcdef' }, cookie);
  }
  const code = codeAt(secret, person.world.ports.clock.now());
  expect(placeOf(await person.form('/', { totpCode: code }, cookie))).toContain('error');
  expect(await person.isIn(cookie)).toBe(false);
  expect(placeOf(await person.form('/', { totpCode: code }))).toContain('error');
  const failed = await person.world.ports.store.read(({ events }) => events.list({ types: ['log_in_failed'] }, 0, 99));
  expect(failed).toHaveLength(5);
});

test('a second factor that was never confirmed locks nobody out; one that was reset is asked for no more', async () => {
  await using person = await openPerson();
  const { ports } = person.world;
  const { secret } = await prepareSecondFactor(ports, person.user.id);
  expect(await person.isIn(cookieOf(await person.begin()))).toBe(true);
  expect(await codeOf(confirmSecondFactor(ports, { userId: person.user.id, code: '000000', remoteAddress }))).toBe(
    'permission_denied',
  );
  await confirmSecondFactor(ports, {
    ...{ userId: person.user.id, code: codeAt(secret, ports.clock.now()), remoteAddress },
  });
  expect(await codeOf(prepareSecondFactor(ports, person.user.id))).toBe('conflict');
  expect(await person.isIn(cookieOf(await person.begin()))).toBe(false);
  await resetSecondFactor(ports, administrator, email);
  expect(await person.isIn(cookieOf(await person.begin()))).toBe(true);
});

test('an expired password is good for choosing another one only; all other sessions end', async () => {
  await using person = await openPerson({}, { policy: { passwordLifetime: 30 * day } });
  const { clock } = person.world.ports;
  clock.advance(30 * day - 1_000);
  const old = cookieOf(await person.begin());
  expect(await person.isIn(old)).toBe(true);
  clock.advance(1_000);
  const first = await person.begin();
  expect(placeOf(first)).toContain('reset');
  const cookie = cookieOf(first);
  expect(await person.isIn(cookie)).toBe(false);
  // One client would ask for a code if the page spoke of one.
  const page = await person.page(placeOf(first), cookie);
  expect(page).toContain('name="newPassword"');
  expect(page).not.toContain('Two factor authentication');
  const change = (fields: Readonly<Record<string, string>>) =>
    person.form('/?originalurl=/current?', { oldPassword: password, submit: 'Login', ...fields }, cookie);
  const twice = (newPassword: string) => ({ newPassword, confirmNewPassword: newPassword });
  for (const fields of [
    twice('short'),
    twice(password),
    { newPassword: 'another good password', confirmNewPassword: 'another bad password' },
    { ...twice('another good password'), oldPassword: 'wrong' },
  ]) {
    expect(placeOf(await change(fields))).toContain('error');
  }
  expect(await person.isIn(cookie)).toBe(false);
  expect(placeOf(await change(twice('another good password')))).toBe('/#/current?');
  expect(await person.isIn(cookie)).toBe(true);
  expect(await person.isIn(old)).toBe(false);
  expect(placeOf(await person.begin())).toContain('error');
  expect(placeOf(await person.begin('another good password'))).toBe('/#/current?');
});

test('who must change the password and has a second factor is asked for both, the password first', async () => {
  await using person = await openPerson({ mustChangePassword: true });
  const secret = await person.withSecondFactor();
  const first = await person.begin();
  const cookie = cookieOf(first);
  // One client decides by this page whether a code will be asked for.
  const page = await person.page(placeOf(first), cookie);
  expect(page).toContain('name="newPassword"');
  expect(page).toContain('Two factor authentication');
  expect(placeOf(first)).toContain('reset');
  const code = codeAt(secret, person.world.ports.clock.now());
  expect(placeOf(await person.form('/', { totpCode: code }, cookie))).toContain('error');
  const fields = {
    oldPassword: password,
    newPassword: 'another good password',
    confirmNewPassword: 'another good password',
  };
  const second = placeOf(await person.form('/?originalurl=/current?', fields, cookie));
  expect(second).not.toMatch(/error|reset/);
  // Whoever has the old password and no code has changed nothing.
  expect(placeOf(await person.begin())).toContain('reset');
  expect(placeOf(await person.begin('another good password'))).toContain('error');
  expect(await person.isIn(cookie)).toBe(false);
  expect(placeOf(await person.form('/', { totpCode: code }, cookie))).toBe('/#/current?');
  expect(await person.isIn(cookie)).toBe(true);
  expect(placeOf(await person.begin())).toContain('error');
  expect(placeOf(await person.begin('another good password'))).toContain('totp');
});

test('where a password has expired and there is no second factor, the page does not speak of one: a client would ask for a code', async () => {
  await using person = await openPerson();
  await expirePassword(person.world.ports, administrator, 'Ana@example.com');
  const first = await person.begin();
  expect(placeOf(first)).toBe('/login.html?reset');
  const page = await person.page(placeOf(first), cookieOf(first));
  expect(page).toContain('oldPassword');
  expect(page).not.toContain('Two factor authentication');
  expect(await codeOf(expirePassword(person.world.ports, administrator, 'nobody@example.com'))).toBe('not_found');
});

test('any number of codes at once are as many as one after the other', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const code = codeAt(secret, person.world.ports.clock.now());
  const cookie = cookieOf(await person.begin());
  const guesses = [...Array.from({ length: 30 }, () => 'abcdef'), code];
  await Promise.all(guesses.map((totpCode) => person.form('/', { totpCode }, cookie)));
  expect(await person.isIn(cookie)).toBe(false);
  const failed = await person.world.ports.store.read(({ events }) => events.list({ types: ['log_in_failed'] }, 0, 99));
  expect(failed).toHaveLength(5);
});

test('any number of old passwords at once are as many as one after the other', async () => {
  await using person = await openPerson({ mustChangePassword: true });
  const cookie = cookieOf(await person.begin());
  const fields = { newPassword: 'another good password', confirmNewPassword: 'another good password' };
  const guesses = Array.from({ length: 20 }, () => 'a wrong password');
  await Promise.all(guesses.map((oldPassword) => person.form('/', { oldPassword, ...fields }, cookie)));
  expect(placeOf(await person.form('/', { oldPassword: password, ...fields }, cookie))).toContain('error');
  const failed = await person.world.ports.store.read(({ events }) => events.list({ types: ['log_in_failed'] }, 0, 99));
  expect(failed).toHaveLength(5);
});

test('wrong codes count for the user, in however many sessions; a right one after a while ends that', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const { clock } = person.world.ports;
  for (let session = 0; session < 3; session += 1) {
    const cookie = cookieOf(await person.begin());
    for (let count = 0; count < 4; count += 1) {
      await person.form('/', { totpCode: 'abcdef' }, cookie);
    }
  }
  const attempt = async () => {
    const cookie = cookieOf(await person.begin());
    return placeOf(await person.form('/', { totpCode: codeAt(secret, clock.now()) }, cookie));
  };
  expect(await attempt()).toContain('error');
  clock.advance(15 * 60_000);
  expect(await attempt()).toBe('/#/current?');
  clock.advance(30_000);
  const cookie = cookieOf(await person.begin());
  await person.form('/', { totpCode: 'abcdef' }, cookie);
  expect(placeOf(await person.form('/', { totpCode: codeAt(secret, clock.now()) }, cookie))).toBe('/#/current?');
});

test('a log-in that is not finished within ten minutes is over', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const { clock } = person.world.ports;
  const [slow, quick] = [cookieOf(await person.begin()), cookieOf(await person.begin())];
  clock.advance(10 * 60_000 - 1);
  expect(placeOf(await person.form('/', { totpCode: codeAt(secret, clock.now()) }, quick))).toBe('/#/current?');
  clock.advance(30_001);
  expect(placeOf(await person.form('/', { totpCode: codeAt(secret, clock.now()) }, slow))).toContain('error');
  clock.advance(7 * 3_600_000);
  expect(await person.isIn(quick)).toBe(true);
});

test('what happens while a new password is hashed is not undone', async () => {
  await using person = await openPerson({ mustChangePassword: true });
  const { ports } = person.world;
  const token = cookieOf(await person.begin()).split('=')[1];
  const passwords = {
    ...ports.passwords,
    async hash(text: string) {
      const { secret } = await prepareSecondFactor(ports, person.user.id);
      await confirmSecondFactor(ports, {
        ...{ userId: person.user.id, code: codeAt(secret, ports.clock.now()), remoteAddress },
      });
      return ports.passwords.hash(text);
    },
  };
  const request = { token, oldPassword: password, newPassword: 'another good password', remoteAddress };
  expect(await renewPassword({ ...ports, passwords }, request)).toBe('second_factor');
  const user = await ports.store.read(({ credentials }) => credentials.userById(person.user.id));
  expect(user?.secondFactor?.active).toBe(true);
});

test('a password that is changed while it is checked opens no session', async () => {
  await using person = await openPerson();
  const { ports } = person.world;
  const passwords = {
    ...ports.passwords,
    async verify(text: string, hash: string | undefined) {
      const user = await ports.store.read(({ credentials }) => credentials.userById(person.user.id));
      const right = await ports.passwords.verify(text, hash);
      await ports.store.transact(async ({ credentials }) => {
        if (user !== undefined) {
          await credentials.updateUser({ ...user, passwordHash: await ports.passwords.hash('another good password') });
        }
      });
      return right;
    },
  };
  expect(await codeOf(logIn({ ...ports, passwords }, { email, password, remoteAddress, dialect }))).toBe(
    'unauthenticated',
  );
});

test('only a whole log-in is recorded as one', async () => {
  await using person = await openPerson();
  const secret = await person.withSecondFactor();
  const { ports } = person.world;
  const types = ['logged_in', 'log_in_begun', 'logged_out'] as const;
  const recorded = async () =>
    (await ports.store.read(({ events }) => events.list({ types }, 0, 99))).map(({ type }) => type);
  const cookie = cookieOf(await person.begin());
  expect(await recorded()).toEqual(['log_in_begun']);
  await person.form('/', { totpCode: codeAt(secret, ports.clock.now()) }, cookie);
  expect(await recorded()).toEqual(['log_in_begun', 'logged_in']);
  const half = cookieOf(await person.begin());
  await person.world.send({ path: '/logout', headers: { cookie: half } });
  await person.world.send({ path: '/logout', headers: { cookie } });
  expect(await recorded()).toEqual(['log_in_begun', 'logged_in', 'log_in_begun', 'logged_out']);
});

test('a session lasts eight hours, and any number of them live side by side', async () => {
  await using person = await openPerson();
  const cookies = await Promise.all(Array.from({ length: 25 }, async () => cookieOf(await person.begin())));
  person.world.ports.clock.advance(28_000_000);
  expect(await Promise.all(cookies.map((cookie) => person.isIn(cookie)))).toEqual(Array(25).fill(true));
  person.world.ports.clock.advance(800_000);
  expect(await Promise.all(cookies.map((cookie) => person.isIn(cookie)))).toEqual(Array(25).fill(false));
});

const foreign: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['another origin', { origin: 'https://evil.example' }],
  ['no origin that could be told', { origin: 'null' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site' }],
  ['a page elsewhere', { referer: 'https://evil.example/page' }],
  ['a page that is no address', { referer: 'somewhere' }],
];
const own: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['curl, which says nothing', {}],
  ['a page of ours', { origin, 'sec-fetch-site': 'same-origin', referer: `${origin}/app.html` }],
  ['an address that was typed in', { 'sec-fetch-site': 'none' }],
];
const mutating = ['/rest/fetchfile/close/5', '/rest/sensors/abort/5', '/logout'] as const;

test.each(foreign)('a browser sent by %s changes nothing, by GET neither, and logs nobody in', async (_, headers) => {
  await using person = await openPerson();
  const cookie = cookieOf(await person.begin());
  for (const path of mutating) {
    const answer = await person.world.send({ path, headers: { cookie, ...headers } });
    expect(answer.status).toBe(403);
  }
  expect(await person.isIn(cookie)).toBe(true);
  const body = new URLSearchParams({ username: email, password }).toString();
  const logIn = await person.world.send({ method: 'POST', path: '/login.html', headers, body });
  expect(logIn.status).toBe(403);
  expect(logIn.headers.getSetCookie()).toEqual([]);
});

test.each(own)('%s is let through', async (_, headers) => {
  await using person = await openPerson();
  const cookie = cookieOf(await person.begin());
  const statuses: number[] = [];
  for (const path of mutating) {
    statuses.push((await person.world.send({ path, headers: { cookie, ...headers } })).status);
  }
  expect(statuses).toEqual([500, 400, 302]);
  expect(await person.isIn(cookie)).toBe(false);
});

test('behind its setting a client that asks for JSON is told of a missing session with 401; others are still redirected', async () => {
  await using person = await openPerson();
  const { policy } = person.world.ports;
  const ask = async (honestUnauthorized: boolean, accept?: string) => {
    const cybereason = { ...policy.cybereason, honestUnauthorized };
    const dialect = createCybereasonDialect({ ...person.world.ports, policy: { ...policy, cybereason } });
    const headers = accept === undefined ? {} : { accept };
    const request = new Request(`${origin}/rest/fetchfile/downloads/progress`, { headers });
    return dialect.handle(request, { remoteAddress, local: false });
  };
  const told = await ask(true, 'application/json');
  expect(told.status).toBe(401);
  expect(await told.json()).toMatchObject({ status: 'FAILURE', message: 'There is no session. Log in first.' });
  for (const accept of ['Application/JSON; q=0.9', 'application/json, text/plain, */*']) {
    expect((await ask(true, accept)).status).toBe(401);
  }
  for (const accept of [undefined, '*/*', 'text/html,application/json', 'application/json-patch+json']) {
    expect(placeOf(await ask(true, accept))).toBe('/login.html');
  }
  expect(placeOf(await ask(false, 'application/json'))).toBe('/login.html');
});

test('after ten wrong passwords the right one is as wrong as they are, of a user or not, and nothing more is written down', async () => {
  await using person = await openPerson();
  const events = () =>
    person.world.ports.store.read((reader) => reader.events.list({ types: ['log_in_failed', 'logged_in'] }, 0, 99));
  for (const username of [email, 'nobody@example.com']) {
    for (let count = 0; count < 12; count += 1) {
      expect(placeOf(await person.form('/login.html', { username, password: 'wrong' }))).toBe('/login.html?error');
    }
  }
  const right = await person.begin();
  expect([placeOf(right), right.headers.getSetCookie()]).toEqual(['/login.html?error', []]);
  expect((await events()).map(({ type }) => type)).toEqual(Array(20).fill('log_in_failed'));
  expect(await codeOf(logIn(person.world.ports, { email: ' ANA@example.com', password, remoteAddress, dialect }))).toBe(
    'rate_limited',
  );
});

test('any number of passwords at once are as many as one after the other', async () => {
  await using person = await openPerson();
  const { ports } = person.world;
  // All are being judged before the first is found wrong; the right one is judged last.
  const allBegun = Promise.withResolvers<void>();
  const wrongAnswered = Promise.withResolvers<void>();
  let begun = 0;
  const verify: typeof ports.passwords.verify = async (secret, hash) => {
    begun += 1;
    if (begun === 21) {
      allBegun.resolve();
    }
    await (secret === password ? wrongAnswered.promise : allBegun.promise);
    return ports.passwords.verify(secret, hash);
  };
  const guess = (secret: string) =>
    codeOf(
      logIn(
        { ...ports, passwords: { ...ports.passwords, verify } },
        { email, password: secret, remoteAddress, dialect },
      ),
    );
  const wrong = Promise.all(Array.from({ length: 20 }, () => guess('wrong')));
  const right = guess(password);
  expect((await wrong).toSorted()).toEqual([...Array(10).fill('rate_limited'), ...Array(10).fill('unauthenticated')]);
  wrongAnswered.resolve();
  expect(await right).toBe('rate_limited');
});

test('who guesses from elsewhere does not shut out a connector that has logged in before', async () => {
  await using person = await openPerson();
  const { ports } = person.world;
  expect(placeOf(await person.begin())).toBe('/#/current?');
  for (let count = 0; count < 12; count += 1) {
    await codeOf(logIn(ports, { email, password: 'wrong', remoteAddress: '203.0.113.9', dialect }));
  }
  expect(await codeOf(logIn(ports, { email, password, remoteAddress: '203.0.113.9', dialect }))).toBe('rate_limited');
  expect(placeOf(await person.begin())).toBe('/#/current?');
});

test('the cookie says eight hours to the second, however long a log-in takes', async () => {
  await using person = await openPerson();
  const { ports } = person.world;
  let passed = 0;
  const now = () => {
    passed += 1_700;
    return ports.clock.now() + passed;
  };
  const dialect = createCybereasonDialect({ ...ports, clock: { ...ports.clock, now } });
  const body = new URLSearchParams({ username: email, password }).toString();
  const request = new Request(`${origin}/login.html`, { method: 'POST', body });
  const answer = await dialect.handle(request, { remoteAddress, local: false });
  expect(answer.headers.getSetCookie()[0]).toContain('; Max-Age=28800; ');
});
