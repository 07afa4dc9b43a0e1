import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { openSlowSocket, type SlowSocket, slownesses } from '#kit/slow-sockets.ts';
import { AdminClient } from '../admin-client.ts';
import { freePort } from '../measure-custody.ts';
import { startCustody } from '../processes.ts';
import { median } from '../statistics.ts';

export interface SlowOptions {
  /** Slow connections at once. */
  readonly sockets: number;
  /** Bodies that are too large, at once. */
  readonly bodies: number;
  /** Good requests that are timed, one after the other, with and without. */
  readonly requests: number;
}

interface Server {
  readonly port: number;
  readonly caFile: string;
  readonly ca: string;
}

/** More than the server takes of anyone. */
const announcedBody = 99 * 1024 * 1024;
/** Connections that are made at once: a burst of handshakes is not what is measured. */
const atOnce = 100;

/** Good requests of one client, alone and beside slow sockets and bodies that are too large. */
export async function slow({ sockets, bodies, requests }: SlowOptions): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const data = join(base, 'server');
  const port = await freePort();
  const server = startCustody(['server', '--data', data, '--listen', `127.0.0.1:${port}`, '--log', 'error']);
  try {
    await new AdminClient(data).untilReady();
    const caFile = join(data, 'tls/ca.pem');
    const target = { port, caFile, ca: await readFile(caFile, 'utf8') };
    await timeRequests(target, requests);
    const alone = await timeRequests(target, requests);
    const slowOnes = await openAll(target, sockets);
    const refused = refuseLarge(target, bodies);
    const beside = await timeRequests(target, requests);
    const statuses = await refused;
    const times = await Promise.all(slowOnes.map(({ closed }) => closed));
    return report({ alone, beside, statuses, slowOnes, times });
  } finally {
    await server.stop();
    await rm(base, { recursive: true, force: true });
  }
}

async function openAll(target: Server, count: number): Promise<readonly SlowSocket[]> {
  const opened: SlowSocket[] = [];
  while (opened.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - opened.length) }, (_, index) =>
      openSlowSocket(target, slownesses[index % slownesses.length] ?? 'no request'),
    );
    await Promise.all(some.map((each) => each.opened));
    opened.push(...some);
  }
  return opened;
}

/** Each announces more than is taken and sends the beginning of it. */
async function refuseLarge({ port, ca }: Server, count: number): Promise<readonly number[]> {
  const head = `POST /api/v1/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${announcedBody}\r\n\r\n`;
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: '127.0.0.1', port, ca });
      const answer = new Promise<string>((resolve, reject) => {
        socket.once('data', (bytes: Buffer) => resolve(bytes.toString()));
        socket.once('error', reject);
      });
      socket.write(`${head}${'['.repeat(1_000)}`);
      const status = Number((await answer).split(' ')[1]);
      socket.destroy();
      return status;
    }),
  );
}

async function timeRequests({ port, ca }: Server, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const began = performance.now();
    const answer = await fetch(`https://127.0.0.1:${port}/api/v1/openapi.json`, { tls: { ca } });
    await answer.bytes();
    times.push(performance.now() - began);
  }
  return times;
}

interface Measured {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  readonly statuses: readonly number[];
  readonly slowOnes: readonly SlowSocket[];
  readonly times: readonly number[];
}

function report({ alone, beside, statuses, slowOnes, times }: Measured): string {
  const [quiet, busy] = [percentile99(alone), percentile99(beside)];
  const lines = slownesses.map((slowness) => {
    const own = times.filter((_, index) => slowOnes[index]?.slowness === slowness);
    return `  ${slowness}: ${own.length} closed, the last after ${(Math.max(...own) / 1_000).toFixed(1)} s`;
  });
  const refused = statuses.filter((status) => status === 413).length;
  return [
    `alone: median ${median(alone).toFixed(1)} ms, p99 ${quiet.toFixed(1)} ms`,
    `beside: median ${median(beside).toFixed(1)} ms, p99 ${busy.toFixed(1)} ms, ratio ${(busy / quiet).toFixed(1)}`,
    ...lines,
    `  too large: ${refused} of ${statuses.length} refused with 413`,
  ].join('\n');
}

function percentile99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
