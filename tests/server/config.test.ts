import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import { settings } from '#core/settings.ts';
import { loadConfig } from '#server/config.ts';
import { fileSystem } from '#server/file-system.ts';

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
