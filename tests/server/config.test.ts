import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import { settings } from '#core/settings.ts';
import { loadConfig, loadSettings } from '#server/config.ts';
import { fileSystem } from '#server/file-system.ts';
import { createLog } from '#server/log.ts';
import { openIdentityProvider } from '#server/oidc/open-identity-provider.ts';
import { systemClock } from '#server/system-clock.ts';

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-config-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function load(flags: Record<string, string>, environment: Record<string, string> = {}) {
  return loadConfig(fileSystem, { flags: { data: directory, ...flags }, environment });
}

async function refusal(flags: Record<string, string>, environment: Record<string, string> = {}): Promise<string> {
  try {
    await load(flags, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return error instanceof Fault ? error.message : '';
  }
  return 'nothing was refused';
}

describe('the settings', () => {
  test('name the reserve of evidence by share, by size or by both', async () => {
    const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];
    const told = {
      '5%,2GiB': { percent: 5, bytes: 2 * gibibyte },
      '300mib': { percent: 0, bytes: 300 * mebibyte },
      '1TiB, 90%': { percent: 90, bytes: 1024 * gibibyte },
      '0': { percent: 0, bytes: 0 },
    };
    expect((await load({})).CUSTODY_EVIDENCE_RESERVE).toEqual(told['5%,2GiB']);
    for (const [text, reserve] of Object.entries(told)) {
      expect((await load({ 'evidence-reserve': text })).CUSTODY_EVIDENCE_RESERVE).toEqual(reserve);
    }
    for (const text of ['5', '2GB', '5%,6%', '1GiB,2GiB', '91%', '-1%', '0,5', ',']) {
      expect(await refusal({ 'evidence-reserve': text })).toContain('CUSTODY_EVIDENCE_RESERVE must be a share');
    }
  });

  test('have defaults that need nothing set', async () => {
    const config = await load({});
    expect(config.CUSTODY_LISTEN).toEqual({ host: '127.0.0.1', port: 8443 });
    expect(config.CUSTODY_BATCH_LIMIT).toBe(1_000);
    expect(config.CUSTODY_STORE_DEADLINE_MS).toBe(5_000);
    expect(config.CUSTODY_LICENSE.length).toBeGreaterThan(0);
  });

  test('come from flags before the environment, and from the environment before the file', async () => {
    const file = join(directory, 'custody.toml');
    await writeFile(file, 'batch_limit = 3\nlisten = "127.0.0.1:3"\nlicense = "prevent"\n');
    const config = await load({ 'batch-limit': '1' }, { CUSTODY_BATCH_LIMIT: '2', CUSTODY_LISTEN: '127.0.0.1:2' });
    await rm(file);
    expect(config.CUSTODY_BATCH_LIMIT).toBe(1);
    expect(config.CUSTODY_LISTEN.port).toBe(2);
    expect(config.CUSTODY_LICENSE).toEqual(['prevent']);
  });

  const wrong: Readonly<Record<string, string>> = {
    CUSTODY_LISTEN: 'nowhere',
    CUSTODY_PUBLIC_URL: 'http://plain.example',
    CUSTODY_ADMIN_EMAIL: 'nobody',
    CUSTODY_ADMIN_PASSWORD: 'short',
    CUSTODY_LICENSE: 'golden',
    CUSTODY_BATCH_LIMIT: 'many',
    CUSTODY_STORE_DEADLINE_MS: '-1',
    CUSTODY_STORE: 'mysql://x',
    CUSTODY_LOG: 'loud',
  };
  for (const [name, value] of Object.entries(wrong)) {
    test(`are refused by name when ${name} is "${value}"`, async () => {
      expect(await refusal({}, { [name]: value })).toStartWith(name);
    });
  }

  test('are refused when a link to this server would break Cortex XDR clients', async () => {
    expect(await refusal({ 'public-url': 'https://download.example' })).toContain('download');
  });

  test('are refused when only half of a certificate is named', async () => {
    expect(await refusal({ 'tls-cert': '/x' })).toContain('CUSTODY_TLS_KEY');
  });

  test('are refused when the file holds an unknown key', async () => {
    const file = join(directory, 'other.toml');
    await writeFile(file, 'lisen = "127.0.0.1:3"\n');
    expect(await refusal({ config: file })).toContain('lisen');
  });

  test('are refused when the named file is not there, or is no TOML', async () => {
    expect(await refusal({ config: join(directory, 'none.toml') })).toContain('none.toml');
    const file = join(directory, 'bad.toml');
    await writeFile(file, '= = =');
    expect(await refusal({ config: file })).toContain('is no TOML');
  });

  test('take an IPv6 address in brackets', async () => {
    expect((await load({ listen: '[::1]:9000' })).CUSTODY_LISTEN).toEqual({ host: '::1', port: 9000 });
  });

  test('each have a flag and a help text', () => {
    for (const setting of settings) {
      expect<string>(setting.flag).toBe(setting.name.replace('CUSTODY_', '').toLowerCase().replaceAll('_', '-'));
      expect(setting.help.length).toBeGreaterThan(5);
    }
  });
});

describe('the identity provider', () => {
  const whole = {
    CUSTODY_OIDC_ISSUER: 'https://login.example.org/realms/staff',
    CUSTODY_OIDC_CLIENT_ID: 'custody',
    CUSTODY_OIDC_ROLES:
      '[{"group":"/soc, Berlin","role":"Responder","tags":["berlin"]},{"group":"all","role":"Viewer"}]',
  };

  test('is set up with its address, a client and what its groups may do', async () => {
    const config = await load({}, whole);
    expect(config.CUSTODY_OIDC_ROLES).toEqual([
      { group: '/soc, Berlin', role: 'Responder', scope: { kind: 'tags', tags: ['berlin'] } },
      { group: 'all', role: 'Viewer', scope: { kind: 'all' } },
    ]);
    expect(config.CUSTODY_OIDC_SCOPES).toBe('openid email profile');
    expect((await load({}, { ...whole, CUSTODY_OIDC_ISSUER: 'http://127.0.0.1:9' })).CUSTODY_OIDC_ISSUER).toBeDefined();
  });

  test.each([
    [{ CUSTODY_OIDC_CLIENT_ID: '' }, 'CUSTODY_OIDC_CLIENT_ID and CUSTODY_OIDC_ISSUER must be set both'],
    [{ CUSTODY_OIDC_ROLES: '' }, 'CUSTODY_OIDC_ROLES and CUSTODY_OIDC_ISSUER must be set both'],
    [{ CUSTODY_OIDC_ISSUER: '' }, 'CUSTODY_OIDC_CLIENT_ID and CUSTODY_OIDC_ISSUER must be set both'],
    [{ CUSTODY_OIDC_ISSUER: 'http://login.example.org' }, 'must be an https address'],
    [{ CUSTODY_OIDC_ISSUER: 'http://127.0.0.1.evil.test' }, 'must be an https address'],
    [{ CUSTODY_OIDC_ISSUER: 'https://login.example.org/?a' }, 'must be an https address'],
    [{ CUSTODY_OIDC_ISSUER: 'https://me@login.example.org' }, 'must be an https address'],
    [{ CUSTODY_OIDC_SCOPES: 'email profile' }, 'openid among them'],
    [{ CUSTODY_OIDC_ROLES: 'soc=Responder' }, 'must be a JSON list'],
    [{ CUSTODY_OIDC_ROLES: '[]' }, 'must be a JSON list'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"a","role":"Admin"}]' }, 'entry 1: role'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"a","role":"viewer"}]' }, 'the roles are Instance Administrator'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"","role":"Viewer"}]' }, 'entry 1: group'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"a","role":"Viewer","tag":["x"]}]' }, 'entry 1'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"a","role":"Viewer","tags":[]}]' }, 'name at least one tag'],
    [{ CUSTODY_OIDC_ROLES: '[{"group":"a","role":"Viewer"},{"group":"a","role":"Viewer"}]' }, 'the group "a" twice'],
    [{ CUSTODY_OIDC_CLIENT_SECRET: 'x', CUSTODY_OIDC_CLIENT_SECRET_FILE: '/x' }, 'set one of them'],
  ])('is refused with %p', async (changes, words) => {
    expect(await refusal({}, { ...whole, ...changes })).toContain(words);
  });

  test('has its secret in a file, and more authorities in another', async () => {
    const machine = { clock: systemClock, log: createLog('error'), fs: fileSystem };
    const [secret, authority] = [join(directory, 'secret'), join(directory, 'authority.pem')];
    const open = async (changes: Record<string, string>) =>
      openIdentityProvider(machine, {
        config: await load({}, { ...whole, ...changes }),
        redirectUri: 'https://c.test/',
      });
    const failure = (changes: Record<string, string>) =>
      open(changes).then(
        () => '',
        (thrown: unknown) => (thrown instanceof Fault ? thrown.message : String(thrown)),
      );
    expect(await openIdentityProvider(machine, { config: await load({}), redirectUri: '' })).toBeUndefined();
    expect(await open({})).toMatchObject({ name: 'login.example.org', issuer: whole.CUSTODY_OIDC_ISSUER });
    expect(await failure({ CUSTODY_OIDC_CLIENT_SECRET_FILE: secret })).toContain('names a file that is not there');
    await writeFile(secret, ' \n');
    expect(await failure({ CUSTODY_OIDC_CLIENT_SECRET_FILE: secret })).toContain('names an empty file');
    await writeFile(secret, 'a secret\n');
    expect(await failure({ CUSTODY_OIDC_CLIENT_SECRET_FILE: secret })).toBe('');
    await writeFile(authority, 'no certificate');
    expect(await failure({ CUSTODY_OIDC_AUTHORITY: authority })).toContain('without a certificate');
    await Promise.all([rm(secret), rm(authority)]);
  });
});

test('what somebody set is told with where it stands, the flag before the environment before the file; secrets are not', async () => {
  await writeFile(join(directory, 'told.toml'), 'rings = "2,20"\nguard_hours = 12\nbatch_limit = 7\n');
  const { config, given } = await loadSettings(fileSystem, {
    flags: { data: directory, config: join(directory, 'told.toml'), 'batch-limit': '9' },
    environment: {
      CUSTODY_BATCH_LIMIT: '8',
      CUSTODY_GUARD_HOURS: '36',
      CUSTODY_LICENSE: '',
      CUSTODY_STORE: 'postgres://custody:hidden@db.example.org:5432/custody',
      CUSTODY_ADMIN_PASSWORD: 'hidden from everybody',
    },
  });
  expect(Object.fromEntries(given)).toEqual({
    CUSTODY_DATA: { source: 'flag', text: directory },
    CUSTODY_BATCH_LIMIT: { source: 'flag', text: '9' },
    CUSTODY_GUARD_HOURS: { source: 'environment', text: '36' },
    CUSTODY_RINGS: { source: 'file', text: '2,20' },
    CUSTODY_STORE: { source: 'environment', text: null },
    CUSTODY_ADMIN_PASSWORD: { source: 'environment', text: null },
  });
  expect([config.CUSTODY_BATCH_LIMIT, config.CUSTODY_GUARD_HOURS]).toEqual([9, 36]);
});
