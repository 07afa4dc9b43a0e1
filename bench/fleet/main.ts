import { createInterface } from 'node:readline';
import { pause } from '../pause.ts';
import { BareAgent } from './bare-agent.ts';
import type { FleetAgent, FleetCounts, ServerAddress } from './fleet-agent.ts';
import { type FleetCommand, type FleetEvent, fleetCommandSchema, preciseNow } from './protocol.ts';
import { SimulatedAgent } from './simulated-agent.ts';

/** Handshakes under way at once: a fleet that is started, not a storm. */
const atOnce = 64;

const counts: FleetCounts = { welcomed: 0, recorded: 0 };
let expected = Number.POSITIVE_INFINITY;
const agents: FleetAgent[] = [];
let connected = 0;

for await (const line of createInterface({ input: process.stdin })) {
  await obey(fleetCommandSchema.parse(JSON.parse(line)));
}
// The bench is gone, whatever became of it.
process.exit(0);

async function obey(command: FleetCommand): Promise<void> {
  switch (command.command) {
    case 'start':
      await start(command);
      return tell({ event: 'enrolled' });
    case 'connect':
      await connect(command.agents);
      return tell({ event: 'connected' });
    case 'expect':
      counts.recorded = 0;
      expected = command.recorded;
      return tell({ event: 'armed' });
    case 'stop':
      for (const agent of agents) {
        agent.close();
      }
      process.exit(0);
  }
}

async function start(command: Extract<FleetCommand, { command: 'start' }>): Promise<void> {
  const server: ServerAddress = { url: command.url, caPem: command.caPem };
  const fleet = { counts, recorded: announce };
  for (let first = 0; first < command.agents; first += atOnce) {
    const indexes = Array.from({ length: Math.min(atOnce, command.agents - first) }, (_, offset) => first + offset);
    const some = indexes.map((index) =>
      command.kind === 'bare'
        ? new BareAgent(server, fleet)
        : new SimulatedAgent({ server, fleet, index, stay: command.stay }),
    );
    agents.push(...some);
    await Promise.all(some.map((agent) => agent.enrol(command.token)));
  }
}

async function connect(more: number): Promise<void> {
  const end = connected + more;
  while (connected < end) {
    const some = agents.slice(connected, Math.min(end, connected + atOnce));
    connected += some.length;
    for (const agent of some) {
      agent.connect();
    }
    while (counts.welcomed < connected) {
      await pause(2);
    }
  }
}

function announce(): void {
  counts.recorded += 1;
  if (counts.recorded >= expected) {
    expected = Number.POSITIVE_INFINITY;
    tell({ event: 'recorded', at: preciseNow() });
  }
}

function tell(event: FleetEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
