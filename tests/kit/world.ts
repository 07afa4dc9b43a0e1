import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '#sdk/client.ts';
import { freePort } from './free-port.ts';
import { type AgentOptions, type RealAgent, startAgent } from './real-agent.ts';
import { type RealServer, type Settings, startServer } from './real-server.ts';
import { until } from './until.ts';

export interface WorldOptions {
  readonly agents: number;
  readonly settings?: Settings;
  /** Put before the commands of the agents: runs them as somebody else. */
  readonly agentsAs?: readonly string[];
  /** Put before the server's command, as in `['faketime', ...]`. */
  readonly serverUnder?: readonly string[];
  /** Of all agents. */
  readonly ofAgents?: Pick<AgentOptions, 'under' | 'words'>;
}

/** A real server and real agents, each a process of its own, in a directory of their own. */
export interface World extends AsyncDisposable {
  readonly directory: string;
  readonly server: RealServer;
  readonly agents: readonly RealAgent[];
  readonly client: Client;
  /** One more, enrolled and connected. */
  addAgent(as?: readonly string[]): Promise<RealAgent>;
  /** The agent with this place in the list. */
  agent(index: number): RealAgent;
  /** Waits until the server knows a file as it is. */
  known(agent: RealAgent, path: string): Promise<string>;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'custody-world-'));
  // Agents of other users have to reach their own directories in it.
  chmodSync(directory, 0o711);
  const { settings = {}, agentsAs, serverUnder = [], ofAgents } = options;
  const place = { data: join(directory, 'server'), port: await freePort() };
  const server = await startServer({ ...place, settings, under: serverUnder }).catch((failure: unknown) => {
    rmSync(directory, { recursive: true });
    throw failure;
  });
  const agents: RealAgent[] = [];
  const world: World = {
    ...{ directory, server, agents, client: server.client },
    async addAgent(as) {
      const agent = await startAgent(server, {
        directory: join(directory, `agent-${agents.length}`),
        ...(as && { as }),
        ...ofAgents,
      });
      agents.push(agent);
      await agent.connect();
      return agent;
    },
    agent(index) {
      const agent = agents[index];
      if (agent === undefined) {
        throw new Error(`This world has no agent ${index}.`);
      }
      return agent;
    },
    known: (agent, path) => knownFile(server.client, agent, path),
    async [Symbol.asyncDispose]() {
      try {
        await closeWorld(server, agents);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  };
  try {
    for (let count = 0; count < options.agents; count += 1) {
      await world.addAgent(agentsAs);
    }
    return world;
  } catch (failure) {
    await endAll(server, agents, 'SIGKILL');
    rmSync(directory, { recursive: true });
    throw failure;
  }
}

/** @returns the GUID of a file once the server knows these very bytes at its path. */
async function knownFile(client: Client, agent: RealAgent, path: string): Promise<string> {
  const { guid } = await until(`the server knows ${path}`, async () => {
    const { items } = await client.findFiles({
      conditions: [
        { field: 'endpointId', values: [agent.id] },
        { field: 'path', values: [path] },
      ],
      states: ['present'],
    });
    return items[0];
  });
  return guid;
}

/** Stops everything as an administrator would; what was not cleanly stopped, or left something open, is a failure. */
async function closeWorld(server: RealServer, agents: readonly RealAgent[]): Promise<void> {
  const wrong = await endAll(server, agents, 'SIGTERM');
  for (const part of [...agents, server]) {
    part.demandTidy();
  }
  if (wrong.length > 0) {
    throw new Error(`Not everything stopped cleanly: ${wrong.join('; ')}`);
  }
}

async function endAll(
  server: RealServer,
  agents: readonly RealAgent[],
  signal: NodeJS.Signals,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const part of [...agents, server]) {
    await using program = part.program;
    if (program.isRunning) {
      const { code } = await part.end(signal).catch(() => ({ code: 'no answer to the signal' }));
      if (code !== 0) {
        wrong.push(`process ${program.pid} ended with ${code}: ${program.err().slice(-2_000)}`);
      }
    }
  }
  return wrong;
}
