import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '#kit/free-port.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { type RealServer, startServer } from '#kit/real-server.ts';
import { type Fleet, startFleet } from '../fleet/fleet.ts';
import { type Owner, plantWork } from './planted-work.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '2000' },
    offline: { type: 'string', default: '60' },
    real: { type: 'string', default: '3' },
    files: { type: 'string', default: '20' },
    port: { type: 'string' },
  },
});

/** Of a server that only this machine reaches, and that is gone when this ends. */
const owner: Owner = { email: 'owner@example.org', password: 'correct horse battery staple' };

const directory = mkdtempSync(join(tmpdir(), 'custody-try-'));
const stopped = Promise.withResolvers<void>();
process.once('SIGINT', () => stopped.resolve());
process.once('SIGTERM', () => stopped.resolve());

const server = await startServer({
  data: join(directory, 'server'),
  port: values.port === undefined ? await freePort() : Number(values.port),
  settings: { CUSTODY_ADMIN_EMAIL: owner.email, CUSTODY_ADMIN_PASSWORD: owner.password },
});
const agents: RealAgent[] = [];
let fleet: Fleet | undefined;
try {
  for (let index = 0; index < Number(values.real); index += 1) {
    agents.push(await newAgent(server, index));
  }
  fleet = await simulatedFleet(server);
  await plantWork(server, agents);
  say(`${server.url}/console/  ${owner.email}  ${owner.password}`);
  say(`${values.agents} simulated endpoints, ${values.real} real ones below ${directory}. Ctrl-C ends it.`);
  await stopped.promise;
} finally {
  await fleet?.stop();
  for (const part of [...agents, server]) {
    if (part.program.isRunning) {
      await part.end('SIGTERM');
    }
  }
  rmSync(directory, { recursive: true });
}

async function newAgent(from: RealServer, index: number): Promise<RealAgent> {
  const place = join(directory, `agent-${index}`);
  mkdirSync(place);
  const agent = await startAgent(from, { directory: place });
  await agent.connect();
  return agent;
}

/** Those that are offline have enrolled, and were not seen since. */
async function simulatedFleet(from: RealServer): Promise<Fleet> {
  const count = Number(values.agents);
  const { token } = await from.client.createEnrolmentToken({ uses: count, lifetimeSeconds: 3_600 });
  const caPem = readFileSync(from.caFile, 'utf8');
  const stay = { files: Number(values.files) };
  const started = await startFleet({ kind: 'custody', agents: count, url: from.url, caPem, token, stay });
  await started.connect(Math.max(0, count - Number(values.offline)));
  return started;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
