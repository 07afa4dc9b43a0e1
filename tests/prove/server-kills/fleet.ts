import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { freePort } from '#kit/free-port.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { type RealServer, type Settings, startServer } from '#kit/real-server.ts';
import { until } from '#kit/until.ts';

/** A file that quarantines and restores move about, on one endpoint. */
export interface Pawn {
  readonly agent: RealAgent;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A file that is never moved, gets new bytes before each fetch, and so brings an upload each time. */
export interface Diary {
  readonly agent: RealAgent;
  readonly path: string;
  readonly guid: string;
  /** The hash of everything that it has held. */
  readonly held: Set<string>;
}

export interface Fleet extends AsyncDisposable {
  readonly server: RealServer;
  readonly agents: readonly RealAgent[];
  readonly pawns: readonly Pawn[];
  readonly diaries: readonly Diary[];
  /** What the server is set to. */
  readonly settings: Settings;
}

export interface FleetOptions {
  readonly directory: string;
  readonly agents: number;
  readonly settings: Settings;
}

const pawnSizes = [0, 40, 100_000];
/** The pawn with this index has the same bytes on every endpoint, so that a restore of its hash goes to all. */
const sharedPawn = 1;

/** A real server and real agents, each a process of its own, with files that the server knows. */
export async function openFleet({ directory, agents: count, settings }: FleetOptions): Promise<Fleet> {
  mkdirSync(directory, { recursive: true });
  const server = await startServer({ data: path.join(directory, 'server'), port: await freePort(), settings });
  const agents: RealAgent[] = [];
  const end = async () => {
    for (const { program } of [...agents, server]) {
      await program[Symbol.asyncDispose]();
    }
  };
  try {
    for (let index = 0; index < count; index += 1) {
      agents.push(await startAgent(server, { directory: path.join(directory, `agent-${index}`) }));
    }
    await Promise.all(agents.map((agent) => agent.connect()));
    const pawns = agents.flatMap(pawnsOf);
    const diaries = await Promise.all(agents.map((agent) => diaryOf(server, agent)));
    await Promise.all(pawns.map((pawn) => known(server, pawn)));
    return { server, agents, pawns, diaries, settings, [Symbol.asyncDispose]: end };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function pawnsOf(agent: RealAgent, machine: number): readonly Pawn[] {
  return pawnSizes.map((size, index) => {
    const label = index === sharedPawn ? 'shared' : `machine ${machine}`;
    const bytes = Buffer.from(`${label}, file ${index}\n`.padEnd(size, `${label}${index}`));
    return { agent, path: agent.put(`below/file ${index}`, bytes), bytes, sha256: sha256(bytes) };
  });
}

async function diaryOf(server: RealServer, agent: RealAgent): Promise<Diary> {
  const bytes = Buffer.from('the first page\n');
  const place = agent.put('diary', bytes);
  const held = new Set([sha256(bytes)]);
  return { agent, path: place, guid: await known(server, { agent, path: place }), held };
}

/** @returns the GUID, once the server knows the file. */
async function known({ client }: RealServer, { agent, path: place }: Pick<Pawn, 'agent' | 'path'>): Promise<string> {
  const { guid } = await until(`the server knows ${place}`, async () => {
    const { items } = await client.findFiles({
      conditions: [
        { field: 'endpointId', values: [agent.id] },
        { field: 'path', values: [place] },
      ],
      states: ['present'],
    });
    return items[0];
  });
  return guid;
}
