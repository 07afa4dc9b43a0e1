import { createInterface } from 'node:readline';
import { BareAgent } from './bare-agent.ts';
import { type FleetCommand, type FleetEvent, fleetCommandSchema, preciseNow } from './protocol.ts';
import { type FleetCounts, type ServerAddress, SimulatedAgent } from './simulated-agent.ts';

/** Handshakes under way at once: a fleet that is started, not a storm. */
const atOnce = 64;

const counts: FleetCounts = { welcomed: 0, recorded: 0 };
let agents = 0;
let expected = Number.POSITIVE_INFINITY;
let announced = false;
const open: { close(): void }[] = [];
const fleet = { counts, changed };

for await (const line of createInterface({ input: process.stdin })) {
  await obey(fleetCommandSchema.parse(JSON.parse(line)));
}

async function obey(command: FleetCommand): Promise<void> {
  switch (command.command) {
    case 'start':
      agents = command.agents;
      return start(command);
    case 'expect':
      counts.recorded = 0;
      expected = command.recorded;
      return tell({ event: 'armed' });
    case 'stop':
      for (const agent of open) {
        agent.close();
      }
      process.exit(0);
  }
}

async function start(command: Extract<FleetCommand, { command: 'start' }>): Promise<void> {
  const server: ServerAddress = { url: command.url, caPem: command.caPem };
  for (let first = 0; first < command.agents; first += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, command.agents - first) }, (_, offset) => first + offset);
    await Promise.all(indexes.map((index) => join(command, server, index)));
    await until(() => counts.welcomed >= first + indexes.length);
  }
}

async function join(
  command: Extract<FleetCommand, { command: 'start' }>,
  server: ServerAddress,
  index: number,
): Promise<void> {
  if (command.kind === 'bare') {
    const agent = new BareAgent();
    agent.connect(server, fleet);
    open.push(agent);
    return;
  }
  const agent = new SimulatedAgent(server, index, fleet);
  await agent.enrol(command.token);
  agent.connect();
  open.push(agent);
}

function changed(): void {
  if (!announced && counts.welcomed === agents) {
    announced = true;
    tell({ event: 'connected' });
  }
  if (counts.recorded >= expected) {
    expected = Number.POSITIVE_INFINITY;
    tell({ event: 'recorded', at: preciseNow() });
  }
}

function tell(event: FleetEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
