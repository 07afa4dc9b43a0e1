import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { startFleet } from './fleet/fleet.ts';
import { preciseNow } from './fleet/protocol.ts';
import { type Measured, measureRounds } from './measured.ts';
import { connectMeasured } from './memory.ts';
import { startScript } from './processes.ts';

/** @param data a data directory of Custody, for its certificate. */
export async function measureBare(data: string, options: { agents: number; rounds: number }): Promise<Measured> {
  const { agents } = options;
  const server = startScript('bench/bare-server.ts', [join(data, 'tls/server.pem'), join(data, 'tls/server-key.pem')]);
  try {
    const { port } = z.object({ port: z.number() }).parse(JSON.parse(await server.next()));
    const ca = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    const url = `https://127.0.0.1:${port}`;
    const fleet = await startFleet({ kind: 'bare', agents, url, caPem: ca, token: '' });
    const bytesPerAgent = await connectMeasured(fleet, agents, server);
    const rounds = await measureRounds(options.rounds, async () => {
      const start = preciseNow();
      const response = await fetch(`${url}/go`, { method: 'POST', tls: { ca } });
      return Number(await response.text()) - start;
    });
    await fleet.stop();
    return { rounds, bytesPerAgent };
  } finally {
    await server.stop();
  }
}
