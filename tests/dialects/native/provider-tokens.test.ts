import { expect, test } from 'bun:test';
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { clientSecret, type TestProvider } from '#kit/oidc-provider.ts';
import { logIn, openProviderWorld, refusals, site } from './provider-world.ts';

const ada = { email: 'ada@example.org', groups: ['soc'] };

type Parts = Readonly<Record<string, unknown>>;

function read(token: string): { readonly header: Parts; readonly claims: Parts } {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header: JSON.parse(header ?? ''), claims: JSON.parse(claims ?? '') };
}

function unsigned(header: Parts, claims: Parts): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}

function signed(key: KeyObject, header: Parts, claims: Parts): string {
  const text = unsigned(header, claims);
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

function withSecret(secret: string | Buffer, header: Parts, claims: Parts): string {
  const text = unsigned({ ...header, alg: 'HS256' }, claims);
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const publicPem = (key: KeyObject) => createPublicKey(key).export({ format: 'pem', type: 'spki' });
const { privateKey: strangersKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const now = () => Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000);

/** What is done to a token of the provider, which has its own key and its right claims otherwise. */
const forgeries: Readonly<Record<string, (token: string, provider: TestProvider) => string>> = {
  'signed with the key of a stranger': (token) => {
    const { header, claims } = read(token);
    return signed(strangersKey, header, claims);
  },
  'signed with the key of a stranger, who names it': (token) => {
    const { header, claims } = read(token);
    return signed(strangersKey, { ...header, kid: 'another' }, claims);
  },
  'with a key of its own in the header': (token) => {
    const { header, claims } = read(token);
    return signed(strangersKey, { ...header, jwk: createPublicKey(strangersKey).export({ format: 'jwk' }) }, claims);
  },
  'with claims that were not signed': (token) => {
    const { header, claims } = read(token);
    return `${unsigned(header, { ...claims, sub: 'admin' })}.${token.split('.')[2]}`;
  },
  'that is not signed': (token) => `${unsigned({ alg: 'none' }, read(token).claims)}.`,
  'that is not signed, in capitals': (token) => `${unsigned({ alg: 'NONE' }, read(token).claims)}.`,
  'signed with the public key as a secret': (token, { key }) => {
    const { header, claims } = read(token);
    return withSecret(publicPem(key), header, claims);
  },
  'signed with the secret of the client': (token) => {
    const { header, claims } = read(token);
    return withSecret(clientSecret, header, claims);
  },
  'for another client': changed({ aud: 'another' }),
  'for another client beside this one': changed({ aud: ['custody', 'another'] }),
  'for this client, but got by another': changed({ aud: ['custody', 'another'], azp: 'another' }),
  'for nobody': changed({ aud: undefined }),
  'of another issuer': changed({ iss: 'https://evil.test' }),
  'of no issuer': changed({ iss: undefined }),
  'that has expired, by more than clocks differ': changed(() => ({ exp: now() - 60 })),
  'that never expires': changed({ exp: undefined }),
  'that is not good yet': changed(() => ({ nbf: now() + 600 })),
  'for another log-in': changed({ nonce: 'a'.repeat(43) }),
  'for no log-in': changed({ nonce: undefined }),
  'of nobody': changed({ sub: undefined }),
  'of somebody whose name is too long': changed({ sub: 'a'.repeat(256) }),
  'of somebody whose name is no ASCII': changed({ sub: 'ada\0' }),
  'that is none': () => 'no token',
};

function changed(changes: Parts | (() => Parts)) {
  return (token: string, { key }: TestProvider): string => {
    const { header, claims } = read(token);
    return signed(key, header, { ...claims, ...(typeof changes === 'function' ? changes() : changes) });
  };
}

test.each(Object.entries(forgeries))('A token %s lets nobody in', async (_, forge) => {
  await using world = await openProviderWorld({ people: { ada } });
  const { provider } = world;
  provider.tamper = (token) => forge(token, provider);
  // Whatever it says that it signs with: only what nobody else can sign with counts.
  provider.describe = (metadata) => ({
    ...metadata,
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
  });
  const browser = world.newBrowser();
  const page = await logIn(browser, 'ada');
  expect(page.status).toBe(401);
  expect(page.text).toContain('does not prove who you are');
  expect(browser.cookie(site, 'JSESSIONID')).toBeUndefined();
  expect(await refusals(world)).toEqual(['answer_refused']);
  expect(await world.ports.store.read(({ credentials }) => credentials.users())).toEqual([]);
});

test('A token that was only signed anew, or whose clock is a little off, lets its owner in', async () => {
  for (const changes of [{}, () => ({ exp: now() - 5 }), () => ({ nbf: now() + 10 })]) {
    await using world = await openProviderWorld({ people: { ada } });
    const { provider } = world;
    provider.tamper = (token) => changed(changes)(token, provider);
    expect((await logIn(world.newBrowser(), 'ada')).status).toBe(200);
  }
});
