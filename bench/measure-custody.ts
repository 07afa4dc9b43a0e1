import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { AdminClient } from './admin-client.ts';
import { type Fleet, startFleet } from './fleet/fleet.ts';
import { preciseNow } from './fleet/protocol.ts';
import { type Measured, measureRounds } from './measured.ts';
import { connectInHalves } from './memory.ts';
import { startCustody } from './processes.ts';

/** @param data an empty directory; holds a server's data afterwards. */
export async function measureCustody(data: string, options: { agents: number; rounds: number }): Promise<Measured> {
  const { agents } = options;
  const port = await freePort();
  const limits = ['--quarantine-limit', String(agents), '--log', 'warn'];
  const server = startCustody(['server', '--data', data, '--listen', `127.0.0.1:${port}`, ...limits]);
  try {
    const admin = new AdminClient(data);
    await admin.untilReady();
    const token = await admin.createToken(agents);
    const caPem = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    const url = `https://127.0.0.1:${port}`;
    const fleet = await startFleet({ kind: 'custody', agents, url, caPem, token });
    const bytesPerAgent = await connectInHalves(fleet, agents, server);
    const endpointIds = await admin.listEndpoints(agents);
    const rounds = await measureRounds(options.rounds, () => oneRound(fleet, admin, endpointIds));
    await fleet.stop();
    return { rounds, bytesPerAgent };
  } finally {
    await server.stop();
  }
}

async function oneRound(fleet: Fleet, admin: AdminClient, endpointIds: readonly string[]): Promise<number> {
  const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex');
  await fleet.expect(endpointIds.length);
  const start = preciseNow();
  await admin.quarantine({ endpointIds, path: '/srv/sample', sha256 });
  return (await fleet.recorded()) - start;
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
