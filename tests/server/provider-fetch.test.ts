import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createPlain } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { ownCertificate } from '#server/authority.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { ProviderUnreachable, providerFetch } from '#server/oidc/provider-fetch.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';

let server: Server;
let root: string;
let url: string;
let authority: string;

const ask = { method: 'GET', headers: { accept: 'text/plain' }, body: null, redirect: 'manual' } as const;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-fetch-'));
  const directory = dataDirectory(root);
  const parts = { fs: fileSystem, clock: systemClock, random: systemRandom, directory };
  const { certificatePem: cert, keyPem: key } = await ownCertificate(parts, ['127.0.0.1']);
  authority = await readFile(directory.authority, 'utf8');
  server = createServer({ cert, key }, (request, response) => {
    if (request.url === '/moved') {
      response.writeHead(302, { location: '/' }).end();
    } else if (request.url === '/endless') {
      response.write(Buffer.alloc(1024 * 1024));
      response.end('x');
    } else {
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => response.end(`${request.method} ${request.headers.accept} ${Buffer.concat(body)}`));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true });
});

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (thrown: unknown) => (thrown instanceof ProviderUnreachable ? thrown.message : `no such error: ${String(thrown)}`),
  );
}

describe('The provider is asked', () => {
  test('over TLS, with the authority that the settings name', async () => {
    const fetch = providerFetch([...rootCertificates, authority]);
    expect(await (await fetch(`${url}/`, ask)).text()).toBe('GET text/plain ');
    const posted = await fetch(`${url}/`, { ...ask, method: 'POST', body: new URLSearchParams({ a: 'b ü' }) });
    expect(await posted.text()).toBe('POST text/plain a=b+%C3%BC');
  });

  test('not where its certificate is a stranger’s', async () => {
    expect(await refusalOf(providerFetch(undefined)(`${url}/`, ask))).toContain('certificate');
    expect(await refusalOf(providerFetch(rootCertificates)(`${url}/`, ask))).toContain('certificate');
  });

  test('where it is, and nowhere else, and for a bounded answer', async () => {
    const fetch = providerFetch([authority]);
    expect((await fetch(`${url}/moved`, ask)).status).toBe(302);
    expect(await refusalOf(fetch(`${url}/endless`, ask))).toBe('it answered more than 1048576 bytes');
    expect(await refusalOf(fetch('ftp://127.0.0.1/', ask))).toContain('not https');
    expect(await refusalOf(fetch('http://192.0.2.1/', ask))).toContain('not https');
  });

  test('and given up when it takes too long', async () => {
    const patience = new AbortController();
    const mute = createPlain(() => patience.abort()).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const late = providerFetch(undefined)(`http://127.0.0.1:${port}/`, { ...ask, signal: patience.signal });
    expect(await refusalOf(late)).toContain('abort');
    mute.closeAllConnections();
    mute.close();
  });
});
