import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { secureNet } from '#agent/link/secure-net.ts';
import { day } from '#core/time.ts';
import { type ServerSettings, TinyServer } from './tiny-server.ts';

/** Tries both ways of speaking to a server. */
async function speak(server: TinyServer, authorityOf: TinyServer): Promise<readonly string[]> {
  const net = secureNet({ server: server.url, authority: readFileSync(authorityOf.caFile, 'utf8') });
  const request = net.request({ method: 'GET', path: '/agent/v1/uploads/x/0', headers: {} });
  const https = await request.then(
    () => 'answered',
    (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'odd'),
  );
  const { promise, resolve } = Promise.withResolvers<string>();
  const connection = net.connect({
    opened: () => undefined,
    frame: () => resolve('answered'),
    closed: () => resolve('closed'),
  });
  const socket = await promise;
  connection.close('the test is over');
  return [https, socket];
}

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
