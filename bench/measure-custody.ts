import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { AdminClient } from './admin-client.ts';
import { type Fleet, startFleet } from './fleet/fleet.ts';
import { preciseNow } from './fleet/protocol.ts';
import { type Measured, measureRounds } from './measured.ts';
import { connectMeasured } from './memory.ts';
import { type LineProcess, startCustody } from './processes.ts';

/** @param data an empty directory; holds a server's data afterwards. */
export async function measureCustody(data: string, options: { agents: number; rounds: number }): Promise<Measured> {
  const { agents } = options;
  const address = `127.0.0.1:${await freePort()}`;
  const admin = new AdminClient(data);
  const fleet = await enrolFleet(data, { agents, address, admin });
  // A server that was just started: memory that enrolment once needed is not the connections'.
  const server = await startServer(data, { agents, address, admin });
  try {
    const bytesPerAgent = await connectMeasured(fleet, agents, server);
    const endpointIds = await admin.listEndpoints(agents);
    const rounds = await measureRounds(options.rounds, () => oneRound(fleet, admin, endpointIds));
    return { rounds, bytesPerAgent };
  } finally {
    await fleet.stop();
    await server.stop();
  }
}

interface Place {
  readonly agents: number;
  readonly address: string;
  readonly admin: AdminClient;
}

async function enrolFleet(data: string, place: Place): Promise<Fleet> {
  const { agents, address, admin } = place;
  const server = await startServer(data, place);
  try {
    const token = await admin.createToken(agents);
    const caPem = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    return await startFleet({ kind: 'custody', agents, url: `https://${address}`, caPem, token });
  } finally {
    await server.stop();
  }
}

async function startServer(data: string, { agents, address, admin }: Place): Promise<LineProcess> {
  const limits = ['--quarantine-limit', String(agents), '--log', 'warn'];
  const server = startCustody(['server', '--data', data, '--listen', address, ...limits]);
  await admin.untilReady();
  return server;
}

async function oneRound(fleet: Fleet, admin: AdminClient, endpointIds: readonly string[]): Promise<number> {
  const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex');
  await fleet.expect(endpointIds.length);
  const start = preciseNow();
  await admin.quarantine({ endpointIds, path: '/srv/sample', sha256 });
  return (await fleet.recorded()) - start;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('No free port was found.');
  }
  return address.port;
}
