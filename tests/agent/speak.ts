import { readFileSync } from 'node:fs';
import type { ProxySetting } from '#agent/identity/proxy.ts';
import { secureNet } from '#agent/link/secure-net.ts';
import type { TinyServer } from './tiny-server.ts';

/** Tries both ways of speaking to a server: what came of a request, and of a WebSocket. */
export async function speak(
  server: TinyServer,
  authorityOf: TinyServer,
  proxy: ProxySetting | null = null,
): Promise<readonly string[]> {
  const authorities = [readFileSync(authorityOf.caFile, 'utf8')];
  const net = secureNet(() => ({ server: server.url, authorities, proxy }));
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
