import { describe, expect, test } from 'bun:test';
import { findRecoveryCode, hashRecoveryCode, newRecoveryCodes } from '#core/access/recovery-code.ts';
import { minute } from '#core/time.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { codeAt } from '#kit/authenticator.ts';
import { somePassword } from '#kit/people.ts';
import { systemRandom } from '#server/system-random.ts';
import { openNative } from './native/world.ts';

const email = 'ana@example.org';

/** Somebody with a second factor, who has their recovery codes. */
async function openHolder() {
  const world = await openNative();
  const { ports } = world;
  await world.ask('/users', { method: 'POST', body: { email, password: somePassword, role: 'Responder' } });
  const logIn = (code?: string) =>
    world.ask('/sessions', {
      method: 'POST',
      body: { email, password: somePassword, ...(code !== undefined && { code }) },
      local: false,
    });
  const tokenOf = async (answer: Response) => ((await answer.json()) as { readonly token: string }).token;
  const headers = { authorization: `Bearer ${await tokenOf(await logIn())}` };
  const post = async (path: string, body: unknown) => {
    const answer = await world.ask(path, { method: 'POST', headers, body, local: false });
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  };
  const secret = String((await post('/me/second-factor', {})).body['secret']);
  const code = () => codeAt(secret, ports.clock.now());
  const confirmed = await post('/me/second-factor/confirm', { code: code() });
  ports.clock.advance(minute);
  const cybereason = createCybereasonDialect(ports);
  const form = (path: string, fields: Readonly<Record<string, string>>, cookie = '') =>
    cybereason.handle(
      new Request(`https://custody.test:8443${path}`, {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams(fields),
      }),
      { remoteAddress: '192.0.2.1', local: false },
    );
  return {
    ...{ world, ports, post, code, logIn },
    codes: confirmed.body['recoveryCodes'] as readonly string[],
    async atCybereason(totpCode: string): Promise<string> {
      const begun = await form('/login.html', { username: email, password: somePassword });
      const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      return (await form('/', { totpCode }, cookie)).headers.get('location') ?? '';
    },
    told: async (type: string) =>
      (await ports.store.read(({ events }) => events.list({}, 0, 1_000)))
        .filter((event) => event.type === type)
        .map(({ facts }) => facts),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

describe('recovery codes', () => {
  test('are ten, shown once, and stored as hashes', async () => {
    await using holder = await openHolder();
    const { codes } = holder;
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    }
    const rows: string[] = [];
    for await (const row of holder.ports.store.dump()) {
      rows.push(JSON.stringify(row));
    }
    const text = rows.join('\n');
    for (const code of codes) {
      expect(text).not.toContain(code);
      expect(text).not.toContain(code.replaceAll('-', ''));
    }
    expect(await holder.told('second_factor_enabled')).toMatchObject([{ recoveryCodes: 10 }]);
  });

  test('let in once each, at both log-ins, and each use says how many are left', async () => {
    await using holder = await openHolder();
    const [first = '', second = '', third = ''] = holder.codes;
    const answer = await holder.logIn(first);
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ user: { recoveryCodesLeft: 9 } });
    expect((await holder.logIn(first)).status).toBe(401);
    expect(await holder.atCybereason(second)).toBe('/#/current?');
    expect(await holder.atCybereason(second)).toBe('/login.html?totp&error');
    // As people type it.
    expect((await holder.logIn(` ${third.toLowerCase().replaceAll('-', ' ')} `)).status).toBe(201);
    expect(await holder.told('recovery_code_used')).toMatchObject([
      { left: 9, remoteAddress: '192.0.2.1' },
      { left: 8, remoteAddress: '192.0.2.1' },
      { left: 7, remoteAddress: '192.0.2.1' },
    ]);
    expect((await holder.logIn(holder.code())).status).toBe(201);
  });

  test('used at once by many let one in', async () => {
    await using holder = await openHolder();
    const [code = ''] = holder.codes;
    const answers = await Promise.all(Array.from({ length: 8 }, () => holder.logIn(code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(401)]);
    expect(await holder.told('recovery_code_used')).toMatchObject([{ left: 9 }]);
  });

  test('are made anew for a code, and not for a session alone; the old ones are void', async () => {
    await using holder = await openHolder();
    const path = '/me/second-factor/recovery-codes';
    expect((await holder.post(path, { code: '000000' })).status).toBe(403);
    const made = await holder.post(path, { code: holder.code() });
    expect(made.status).toBe(200);
    const fresh = made.body['recoveryCodes'] as readonly string[];
    expect(fresh).toHaveLength(10);
    for (const old of holder.codes.slice(0, 3)) {
      expect((await holder.logIn(old)).status).toBe(401);
    }
    const [one = '', two = ''] = fresh;
    expect((await holder.logIn(one)).status).toBe(201);
    // A recovery code will do for it, where the device is lost.
    expect((await holder.post(path, { code: two })).status).toBe(200);
    expect(await holder.told('recovery_codes_renewed')).toMatchObject([{ recoveryCodes: 10 }, { recoveryCodes: 10 }]);
  });

  test('are counted and barred as codes are', async () => {
    await using holder = await openHolder();
    const [right = '', later = ''] = holder.codes;
    for (let count = 0; count < 10; count += 1) {
      expect((await holder.logIn('0000-0000-0000-0000')).status).toBe(401);
    }
    expect((await holder.logIn(right)).status).toBe(401);
    holder.ports.clock.advance(15 * minute);
    expect((await holder.logIn(later)).status).toBe(201);
    expect((await holder.logIn(right)).status).toBe(201);
  });

  test('go with the second factor', async () => {
    await using holder = await openHolder();
    await holder.world.ask('/users/second-factor/reset', { method: 'POST', body: { email } });
    const rows: unknown[] = [];
    for await (const { table, row } of holder.ports.store.dump()) {
      if (table === 'users') {
        rows.push(row['recovery_codes_json']);
      }
    }
    expect(rows).toEqual(['[]']);
  });

  test('that are made for nothing are refused', async () => {
    await using holder = await openHolder();
    await holder.world.ask('/users', {
      method: 'POST',
      body: { email: 'b@x.test', password: somePassword, role: 'Viewer' },
    });
    const asked = holder.world.ask('/me/second-factor/recovery-codes', { method: 'POST', body: { code: '000000' } });
    expect((await asked).status).toBe(404);
  });
});

describe('a recovery code', () => {
  const codes = newRecoveryCodes(systemRandom);
  const hashes = codes.map((code) => hashRecoveryCode('u1', code));

  test('is found among all of a user, wherever it stands, and among no other’s', () => {
    for (const [index, code] of codes.entries()) {
      expect(findRecoveryCode('u1', code, hashes)).toBe(hashes[index]);
      expect(findRecoveryCode('u2', code, hashes)).toBeUndefined();
    }
  });

  test('is found as people read it, and in no part', () => {
    const hash = hashRecoveryCode('u1', '0011-ABCD-EFGH-JKMN');
    expect(findRecoveryCode('u1', 'oOil abcd efgh jkmn', [hash])).toBe(hash);
    for (const wrong of ['', '0011', '0011-ABCD-EFGH-JKM', '0011-ABCD-EFGH-JKMN0', hash, '123456']) {
      expect(findRecoveryCode('u1', wrong, [hash])).toBeUndefined();
    }
  });

  test('is not found where the store holds no hash', () => {
    for (const stored of ['', 'zz', '00'.repeat(31), '00'.repeat(33)]) {
      expect(findRecoveryCode('u1', codes[0] ?? '', [stored])).toBeUndefined();
    }
  });
});
