import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ProxySetting, proxyFor, readProxy } from '#agent/identity/proxy.ts';
import { secureNet } from '#agent/link/secure-net.ts';
import { runAgent } from '#agent/main.ts';
import { ConnectProxy } from '#kit/connect-proxy.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { speak } from './speak.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { quietLog } from './upload-world.ts';

const login = 'agent%40here:p%3Ass%20word';

/** A proxy over TLS, with a certificate of the authority of a server that has nothing to do with the agent. */
async function tlsProxy(other: TinyServer): Promise<ConnectProxy> {
  const { certificate, certificateKey } = dataDirectory(path.join(other.caFile, '..', '..'));
  return ConnectProxy.start({ login, tls: { certificate, key: certificateKey } });
}

const settingOf = (proxy: ConnectProxy, authorityOf?: TinyServer): ProxySetting =>
  readProxy({ url: proxy.url, except: '', authority: authorityOf && readFileSync(authorityOf.caFile, 'utf8') });

test('both ways to the server go through an http:// proxy that asks for a user and a password', async () => {
  await using server = await TinyServer.start();
  await using proxy = await ConnectProxy.start({ login });
  expect(await speak(server, server, settingOf(proxy))).toEqual(['answered', 'answered']);
  expect(proxy.tunnels).toEqual([`127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`]);
});

test('both ways to the server go through an https:// proxy, whose authority is its own', async () => {
  await using server = await TinyServer.start();
  await using other = await TinyServer.start();
  await using proxy = await tlsProxy(other);
  expect(await speak(server, server, settingOf(proxy, other))).toEqual(['answered', 'answered']);
  expect(proxy.tunnels).toHaveLength(2);
});

test('behind a proxy the server is pinned as ever: by its authority, and never by the proxy’s', async () => {
  await using server = await TinyServer.start();
  await using other = await TinyServer.start();
  await using plain = await ConnectProxy.start();
  await using secure = await tlsProxy(other);
  expect(await speak(server, other, settingOf(plain))).toEqual(['unavailable', 'closed']);
  expect(await speak(other, server, settingOf(secure, other))).toEqual(['unavailable', 'closed']);
  await using misnamed = await TinyServer.start({ names: ['elsewhere.example'] });
  expect(await speak(misnamed, misnamed, settingOf(plain))).toEqual(['unavailable', 'closed']);
});

test('an https:// proxy that its authority does not vouch for is told nothing, not even the server’s authority helps', async () => {
  await using server = await TinyServer.start();
  await using other = await TinyServer.start();
  await using proxy = await tlsProxy(other);
  await using own = await tlsProxy(server);
  for (const setting of [settingOf(proxy, server), settingOf(proxy), settingOf(own)]) {
    expect(await speak(server, server, setting)).toEqual(['unavailable', 'closed']);
  }
  expect([proxy.tunnels, proxy.refused, own.tunnels, own.refused]).toEqual([[], 0, [], 0]);
});

test('a proxy that refuses, or answers in the server’s place, is never taken for the server', async () => {
  await using server = await TinyServer.start();
  await using strict = await ConnectProxy.start({ login });
  const wrong = readProxy({ url: strict.url.replace('agent', 'nobody'), except: '' });
  expect(await speak(server, server, wrong)).toEqual(['unavailable', 'closed']);
  await using liar = await ConnectProxy.start({ answer: 'HTTP/1.1 304 Fine\r\nupload-offset: 5\r\n\r\n' });
  const { url } = server;
  const authorities = [readFileSync(server.caFile, 'utf8')];
  const net = secureNet(() => ({ server: url, authorities, proxy: settingOf(liar) }));
  const asked = net.request({ method: 'HEAD', path: '/agent/v1/uploads/x/0', headers: {} });
  await expect(asked).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('304') });
});

test('an agent enrols and runs through the proxy that it was given, and reaches what NO_PROXY names without it', async () => {
  await using server = await TinyServer.start();
  await using proxy = await ConnectProxy.start({ login });
  const data = mkdtempSync(path.join(tmpdir(), 'custody-proxy-'));
  const { enrolAgent } = await import('#agent/main.ts');
  const given = { server: server.url, caFile: server.caFile, token: server.token, dataDirectory: data, roots: [] };
  await enrolAgent({ ...given, proxy: proxy.url });
  expect(proxy.tunnels).toHaveLength(1);
  const stop = new AbortController();
  const run = runAgent({ dataDirectory: data, signal: stop.signal, log: quietLog });
  await until(() => server.connected === 1, 'the agent connects');
  expect(proxy.tunnels).toHaveLength(2);
  stop.abort();
  await run;
  await enrolAgent({ ...given, proxy: proxy.url, noProxy: 'other.example,127.0.0.0/8' });
  expect(proxy.tunnels).toHaveLength(2);
  rmSync(data, { recursive: true });
});

test.each([
  ['*', 'https://custody.example', true],
  ['custody.example', 'https://custody.example', true],
  ['CUSTODY.example', 'https://custody.example:8443', true],
  ['example', 'https://custody.example', true],
  ['.example', 'https://custody.example', true],
  ['.custody.example', 'https://custody.example', false],
  ['tody.example', 'https://custody.example', false],
  ['custody.example:8443', 'https://custody.example:8443', true],
  ['custody.example:8443', 'https://custody.example', false],
  ['custody.example:443', 'https://custody.example', true],
  ['192.0.2.7', 'https://192.0.2.7:8443', true],
  ['192.0.2.0/24', 'https://192.0.2.7', true],
  ['192.0.2.0/33', 'https://192.0.2.7', false],
  ['198.51.100.0/24 , 192.0.2.0/24', 'https://192.0.2.7', true],
  ['2001:db8::/32', 'https://[2001:db8::1]:8443', true],
  ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443', true],
  ['192.0.2.0/24', 'https://custody.example', false],
  ['', 'https://custody.example', false],
])('NO_PROXY "%s" and %s: without the proxy %p', (except, server, without) => {
  const proxy = readProxy({ url: 'http://proxy.example:3128', except });
  expect(proxyFor(proxy, new URL(server)) === null).toBe(without);
});

test.each(['proxy.example:3128', 'socks5://proxy.example', 'http://proxy.example/path', ''])(
  '"%s" is no proxy, and the words for it hold no password',
  (url) => {
    expect(() => readProxy({ url, except: '' })).toThrow('A proxy is named as http://HOST:PORT');
  },
);
