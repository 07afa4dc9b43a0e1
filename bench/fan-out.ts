import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type FleetCommand, type FleetEvent, fleetEventSchema, preciseNow } from './fleet/protocol.ts';
import { type LineProcess, privateMemory, startCustody, startScript } from './processes.ts';

export interface FanOutOptions {
  readonly agents: number;
  readonly rounds: number;
}

/** What one transport did: milliseconds of each round, and bytes of the server's private memory per idle agent. */
interface Measured {
  readonly rounds: readonly number[];
  readonly bytesPerAgent: number;
}

const goals = { ratio: 4, kilobytesPerAgent: 12 } as const;
const settle = 1_500;

/**
 * Time from the API call to the moment at which the last of the fleet knows that its outcome is durable, beside the
 * bare transport in the same run; and the server's memory per idle agent beside the bare transport's.
 */
export async function fanOut(options: FanOutOptions): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  try {
    const custody = await measureCustody(data, options);
    const bare = await measureBare(data, options);
    return report(options, custody, bare);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function measureCustody(data: string, { agents, rounds }: FanOutOptions): Promise<Measured> {
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const limits = ['--quarantine-limit', String(agents), '--log', 'warn'];
  const server = startCustody(['server', '--data', data, '--listen', `127.0.0.1:${port}`, ...limits]);
  const fleet = startScript('bench/fleet/main.ts');
  try {
    await untilReady(data);
    const token = await createToken(data, agents);
    const before = await settledMemory(server.pid);
    const caPem = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    await command(fleet, { command: 'start', kind: 'custody', agents, url, caPem, token }, 'connected');
    const idle = await settledMemory(server.pid);
    const endpointIds = await listEndpoints(data, agents);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push(await oneRound(fleet, agents, () => quarantine(data, endpointIds)));
    }
    return { rounds: times, bytesPerAgent: (idle - before) / agents };
  } finally {
    tell(fleet, { command: 'stop' });
    await server.stop();
  }
}

async function measureBare(data: string, { agents, rounds }: FanOutOptions): Promise<Measured> {
  const server = startScript('bench/bare-server.ts', [join(data, 'tls/server.pem'), join(data, 'tls/server-key.pem')]);
  const fleet = startScript('bench/fleet/main.ts');
  try {
    const { port } = z.object({ port: z.number() }).parse(JSON.parse(await server.next()));
    const caPem = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    const url = `https://127.0.0.1:${port}`;
    const before = await settledMemory(server.pid);
    await command(fleet, { command: 'start', kind: 'bare', agents, url, caPem, token: '' }, 'connected');
    const idle = await settledMemory(server.pid);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = preciseNow();
      const response = await fetch(`${url}/go`, { method: 'POST', tls: { ca: caPem } });
      times.push(Number(await response.text()) - start);
    }
    return { rounds: times, bytesPerAgent: (idle - before) / agents };
  } finally {
    tell(fleet, { command: 'stop' });
    await server.stop();
  }
}

async function oneRound(fleet: LineProcess, recorded: number, call: () => Promise<void>): Promise<number> {
  await command(fleet, { command: 'expect', recorded }, 'armed');
  const start = preciseNow();
  await call();
  const event = await nextEvent(fleet);
  if (event.event !== 'recorded') {
    throw new Error(`The fleet said ${event.event}, not that all was recorded.`);
  }
  return event.at - start;
}

async function quarantine(data: string, endpointIds: readonly string[]): Promise<void> {
  const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex');
  await admin(data, '/actions/quarantine', { endpointIds, path: '/srv/sample', sha256 });
}

async function createToken(data: string, uses: number): Promise<string> {
  const body = { uses, lifetimeSeconds: 600, tags: [] };
  return z.object({ token: z.string() }).parse(await admin(data, '/enrolment-tokens', body)).token;
}

async function listEndpoints(data: string, agents: number): Promise<readonly string[]> {
  const page = z.object({ items: z.array(z.object({ id: z.string() })), total: z.number() });
  const ids: string[] = [];
  while (ids.length < agents) {
    const { items } = page.parse(await admin(data, `/endpoints?offset=${ids.length}&limit=1000`));
    if (items.length === 0) {
      throw new Error(`Only ${ids.length} of ${agents} endpoints are listed.`);
    }
    ids.push(...items.map(({ id }) => id));
  }
  return ids;
}

/** Calls the native API through the admin socket: POST with a body, GET without. */
async function admin(data: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`http://custody/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    unix: join(data, 'admin.sock'),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

async function untilReady(data: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await admin(data, '/users');
      return;
    } catch {
      await pause(50);
    }
  }
  throw new Error('The server did not answer within 5 seconds.');
}

/** Memory once it has stopped moving. */
async function settledMemory(pid: number): Promise<number> {
  await pause(settle);
  return privateMemory(pid);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function command(fleet: LineProcess, order: FleetCommand, expected: FleetEvent['event']): Promise<void> {
  tell(fleet, order);
  const { event } = await nextEvent(fleet);
  if (event !== expected) {
    throw new Error(`The fleet said ${event}, not ${expected}.`);
  }
}

function tell(fleet: LineProcess, order: FleetCommand): void {
  fleet.say(JSON.stringify(order));
}

async function nextEvent(fleet: LineProcess): Promise<FleetEvent> {
  return fleetEventSchema.parse(JSON.parse(await fleet.next()));
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('No free port was found.');
  }
  return address.port;
}

function report({ agents }: FanOutOptions, custody: Measured, bare: Measured): string {
  const ratio = median(custody.rounds) / median(bare.rounds);
  const line = (name: string, { rounds, bytesPerAgent }: Measured) =>
    `  ${name.padEnd(15)} ${spread(rounds).padEnd(44)} ${(bytesPerAgent / 1_024).toFixed(1).padStart(6)} KB per idle agent`;
  return [
    `fan-out to ${agents} agents, from the API call to every outcome durable`,
    line('custody', custody),
    line('bare transport', bare),
    `  ratio of medians ${ratio.toFixed(2)} (goal ${goals.ratio} or less)`,
    `  memory           ${(custody.bytesPerAgent / 1_024).toFixed(1)} KB (goal ${goals.kilobytesPerAgent} KB or less)`,
  ].join('\n');
}

function spread(values: readonly number[]): string {
  const show = (value: number) => value.toFixed(0);
  return `median ${show(median(values))} ms (${show(Math.min(...values))}-${show(Math.max(...values))})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
