import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import { parsePath } from '#core/file/file-path.ts';
import { second } from '#core/time.ts';
import { MovingAgent } from './moving-agent.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { TinyServer } from './tiny-server.ts';
import { until } from './until.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Sends without end, and counts what the bandwidth let through. */
function sender(bandwidth: Bandwidth, signal: AbortSignal, bytes: number) {
  const sent = { bytes: 0 };
  const run = async () => {
    while (!signal.aborted) {
      await bandwidth.take(bytes, signal);
      sent.bytes += signal.aborted ? 0 : bytes;
    }
  };
  return { sent, end: run() };
}

test('the limit holds over all uploads together, and they share it evenly', async () => {
  const [clock, stop] = [new VirtualClock(), new AbortController()];
  const bandwidth = new Bandwidth(clock, () => 100_000);
  const senders = [1, 2, 3, 4].map(() => sender(bandwidth, stop.signal, bandwidth.piece));
  await clock.pass(60 * second);
  const sent = senders.map((each) => each.sent.bytes);
  const total = sent.reduce((sum, each) => sum + each, 0);
  expect(total).toBeGreaterThan(5_800_000);
  expect(total).toBeLessThanOrEqual(6_000_000 + 25_000);
  expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(bandwidth.piece);
  stop.abort();
  await Promise.all(senders.map(({ end }) => end));
});

test('a line that was silent gives no more at once than a quarter of a second holds', async () => {
  const [clock, stop] = [new VirtualClock(), new AbortController()];
  const bandwidth = new Bandwidth(clock, () => 100_000);
  await clock.pass(60 * second);
  const { sent, end } = sender(bandwidth, stop.signal, 1_000);
  await clock.pass(0);
  expect(sent.bytes).toBeLessThanOrEqual(25_000);
  stop.abort();
  await end;
});

test('a limit that changes, or is lifted, counts from then on', async () => {
  const [clock, stop] = [new VirtualClock(), new AbortController()];
  let limit: number | null = 1_000;
  const bandwidth = new Bandwidth(clock, () => limit);
  const { sent, end } = sender(bandwidth, stop.signal, 100);
  await clock.pass(10 * second);
  expect(sent.bytes).toBeLessThanOrEqual(10_250);
  limit = 100_000;
  await clock.pass(10 * second);
  expect(sent.bytes).toBeGreaterThan(900_000);
  stop.abort();
  await end;
  limit = 1;
  const free = new AbortController();
  const taken = bandwidth.take(1_000_000_000, free.signal);
  limit = null;
  await clock.pass(second);
  await taken;
});

test('many files on a slow line hold up neither heartbeats nor the reports of other orders', async () => {
  await using server = await TinyServer.start({ heartbeatInterval: second });
  await using proxy = await TcpProxy.start(() => server.port);
  const files = mkdtempSync(path.join(tmpdir(), 'custody-slow-'));
  const names = Array.from({ length: 8 }, (_, index) => path.join(files, `${index}`));
  for (const name of names) {
    writeFileSync(name, randomBytes(400_000));
  }
  const fetchOf = (paths: readonly string[]) => ({
    verb: 'fetch' as const,
    files: paths.map((each) => ({ path: parsePath(each), vaultObject: null, indexedSha256: null })),
  });
  const { caFile, token } = server;
  await using agent = await MovingAgent.start({ url: `https://127.0.0.1:${proxy.port}`, caFile, token });
  await until(() => server.connected === 1, 'the agent connects');
  proxy.rate = 200_000;
  const slow = server.give(server.makeOrder(fetchOf(names)));
  let isSlowDone = false;
  void slow.then(() => {
    isSlowDone = true;
  });
  await until(() => server.evidence.requests.some(({ method }) => method === 'PATCH'), 'the uploads are under way');
  const before = server.heartbeats;
  const quick = await server.run(fetchOf([path.join(files, 'missing')]));
  expect(quick.files[0]?.outcome).toBe('not_found');
  await until(() => server.heartbeats >= before + 2, 'heartbeats go on');
  expect(isSlowDone).toBe(false);
  proxy.rate = undefined;
  expect(server.hellos).toHaveLength(1);
  const report = await slow;
  expect(report.files.map(({ outcome }) => outcome)).toEqual(names.map(() => 'done'));
  expect(agent.logged.filter((line) => line.includes('ended'))).toEqual([]);
  rmSync(files, { recursive: true });
}, 60_000);
