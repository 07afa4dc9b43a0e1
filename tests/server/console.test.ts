import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { createConsole } from '#server/console.ts';
import { fileSystem } from '#server/file-system.ts';
import { systemRandom } from '#server/system-random.ts';

const page = '<!doctype html><meta property="csp-nonce" content="__NONCE__" nonce="__NONCE__" />';
const script = 'export const answer = 42;\n'.repeat(40);

function packed(type: string, text: string) {
  const gzip = gzipSync(text).toString('base64');
  return { type, gzip, brotli: brotliCompressSync(text).toString('base64') };
}

const files = {
  'index.html': packed('text/html; charset=utf-8', page),
  'assets/start-Ab12.js': packed('text/javascript; charset=utf-8', script),
  'mark.svg': packed('image/svg+xml', '<svg/>'),
};

let directory: string;
let pack: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-console-'));
  pack = join(directory, 'console.pack');
  await writeFile(pack, JSON.stringify({ files }));
});

afterAll(() => rm(directory, { recursive: true }));

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pack?: string;
}

function ask(path: string, { method = 'GET', headers = {}, pack: from = pack }: Asked = {}): Promise<Response> {
  const served = createConsole({ fs: fileSystem, random: systemRandom, pack: from });
  const request = new Request(`https://custody.test${path}`, { method, headers });
  return served.handle(request, { remoteAddress: '192.0.2.1', local: false });
}

function unpacked(bytes: Uint8Array, encoding: string | null): Uint8Array {
  if (encoding === 'br') {
    return brotliDecompressSync(bytes);
  }
  return encoding === 'gzip' ? gunzipSync(bytes) : bytes;
}

const asset = '/console/assets/start-Ab12.js';

describe('A file of the console', () => {
  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br;q=0.5', 'br'],
    ['gzip', 'gzip'],
    ['gzip, br;q=0', 'gzip'],
    ['br;q=0.0, gzip; q=0', null],
    ['', null],
    ['brotli, gzipped', null],
  ])('comes as the browser takes it: accept-encoding %p', async (accepted, encoding) => {
    const answer = await ask(asset, { headers: accepted === '' ? {} : { 'accept-encoding': accepted } });
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, encoding]);
    expect(answer.headers.get('vary')).toBe('accept-encoding');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(new TextDecoder().decode(unpacked(bytes, encoding))).toBe(script);
  });

  test('is kept for good where its name says what is in it, and is asked about where it does not', async () => {
    const [named, mark] = await Promise.all([ask(asset), ask('/console/mark.svg')]);
    expect(named.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(mark.headers.get('cache-control')).toBe('no-cache');
    const etag = mark.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(named.headers.get('etag')).not.toBe(etag);
    const again = await ask('/console/mark.svg', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await ask('/console/mark.svg', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('says what it is, and is nothing else', async () => {
    const answer = await ask(asset);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

describe('A page of the console', () => {
  test.each([
    '/console/',
    '/console/endpoints',
    '/console/actions/42',
    '/console/files/-1.-2',
    '/console/files/-1173000000.4611686018427387904',
  ])('is the same one for each address, and is kept nowhere: %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toStartWith('<!doctype html>');
  });

  test('has a name of its own for the one style that may be written into it, which no two pages share', async () => {
    const nonces = new Set<string>();
    for (let time = 0; time < 3; time += 1) {
      const answer = await ask('/console/');
      const nonce = /'nonce-([\w-]{22})'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? '';
      expect(await answer.text()).toBe(page.replaceAll('__NONCE__', nonce));
      nonces.add(nonce);
    }
    expect([nonces.size, nonces.has('')]).toEqual([3, false]);
  });

  test('runs and asks nothing that this server does not send, and stands in no page of somebody else', async () => {
    const policy = (await ask('/console/')).headers.get('content-security-policy') ?? '';
    const rules = Object.fromEntries(
      policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]),
    );
    expect(rules).toMatchObject({
      ...{ 'default-src': "'none'", 'script-src': "'self'", 'connect-src': "'self'", 'base-uri': "'none'" },
      ...{ 'frame-ancestors': "'none'", 'form-action': "'self'", 'require-trusted-types-for': "'script'" },
      'trusted-types': "'none'",
    });
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test.each(['/console/', asset, '/console/nothing.js'])('tells no other site of itself: %s', async (path) => {
    const { headers } = await ask(path);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
  });
});

describe('What is no page and no file', () => {
  test('leads from the bare name to the console', async () => {
    const answer = await ask('/console');
    expect([answer.status, answer.headers.get('location')]).toEqual([308, '/console/']);
  });

  test.each([
    '/console/assets/other.js',
    '/console/robots.txt',
    '/console/index.htm',
    '/console/../../etc/passwd.txt',
    '/console/%2e%2e/%2e%2e/etc/passwd.txt',
    '/console/assets/..%2f..%2fsecrets.json',
    '/console/__proto__.js',
    '/console//etc/hosts.allow',
  ])('is not found, wherever it would lead: %s', async (path) => {
    // An address is made straight before anybody asks for it; what is left of it is asked for below the console, too.
    const { pathname } = new URL(`https://custody.test${path}`);
    const answer = await ask(pathname.startsWith('/console/') ? pathname : `/console${pathname}`);
    expect([answer.status, await answer.text()]).toEqual([404, 'The console has no such file.\n']);
  });

  test.each(['constructor', '__proto__', 'toString'])('is a page where it is only a word: %s', async (word) => {
    expect(await (await ask(`/console/${word}`)).text()).toStartWith('<!doctype html>');
  });

  test('is not written to', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await ask('/console/', { method })).status).toBe(405);
    }
  });

  test('is not there where nobody built it, and how it is built is said', async () => {
    const answer = await ask('/console/', { pack: join(directory, 'none.pack') });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build:console');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('is there as soon as somebody built it, whatever stood in its place before, and is then read once', async () => {
    const late = join(directory, 'late.pack');
    let reads = 0;
    const fs = {
      read(path: string) {
        reads += 1;
        return fileSystem.read(path);
      },
    };
    const served = createConsole({ fs, random: systemRandom, pack: late });
    const visit = () =>
      served
        .handle(new Request('https://custody.test/console/'), { remoteAddress: '192.0.2.1', local: false })
        .then(({ status }) => status)
        .catch(String);
    expect(await Promise.all([visit(), visit()])).toEqual([503, 503]);
    await writeFile(late, '{"files":');
    expect(await visit()).toContain('SyntaxError');
    await writeFile(late, JSON.stringify({ files }));
    expect(await visit()).toBe(200);
    const before = reads;
    expect([await visit(), reads]).toEqual([200, before]);
  });

  test('owns what is below its name, and nothing beside it', () => {
    const { owns } = createConsole({ fs: fileSystem, random: systemRandom, pack });
    const owned = ['/console', '/console/', '/console/a/b', '/consoles', '/', '/api/v1/console'].map((path) =>
      owns(path),
    );
    expect(owned).toEqual([true, true, true, false, false, false]);
  });
});
