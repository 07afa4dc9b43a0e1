import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { secureNet } from '#agent/link/secure-net.ts';
import { day } from '#core/time.ts';
import { speak } from './speak.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { type ServerSettings, TinyServer } from './tiny-server.ts';

test('a server with a certificate of the pinned authority, for its name and in its time, is spoken to', async () => {
  await using server = await TinyServer.start();
  expect(await speak(server, server)).toEqual(['answered', 'answered']);
});

const wrong: [string, ServerSettings][] = [
  ['for another name', { names: ['elsewhere.example'] }],
  ['that has expired', { made: Date.now() - 1_000 * day }],
];

test.each(wrong)('a server with a certificate %s is not spoken to', async (_, settings) => {
  await using server = await TinyServer.start(settings);
  expect(await speak(server, server)).toEqual(['unavailable', 'closed']);
});

test('a server with a certificate of another authority is not spoken to', async () => {
  await using server = await TinyServer.start();
  await using other = await TinyServer.start();
  expect(await speak(server, other)).toEqual(['unavailable', 'closed']);
});

test('a certificate that the pinned authority made anew is as good as the one before', async () => {
  await using server = await TinyServer.start();
  await server.stop();
  await using renewed = await TinyServer.start({ heirOf: server, sameAuthority: true, port: server.port });
  expect(await speak(renewed, server)).toEqual(['answered', 'answered']);
});

test.each([
  ['before the TLS handshake', () => undefined],
  ['after it', () => 3_000],
])('a network that swallows everything %s does not hold a request for ever', async (_, limitOf) => {
  await using server = await TinyServer.start();
  await using proxy = await TcpProxy.start(() => server.port);
  const limit = limitOf() ?? 0;
  proxy.swallows = () => proxy.received > limit;
  const route = { server: proxy.url, authorities: [readFileSync(server.caFile, 'utf8')], proxy: null };
  const net = secureNet(() => route, { patience: 500 });
  const sent = { count: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        sent.count += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-length': String(2 ** 40) };
  const asked = net.request({ method: 'PATCH', path: '/agent/v1/uploads/x/0', headers, body });
  await expect(asked).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('silent') });
  expect(sent.count).toBeLessThan(1_000);
});
