import type { Chance } from '#kit/chance.ts';
import { seeded } from '#kit/chance.ts';
import { sha256 } from '#kit/disk.ts';
import { descendants, killAll } from '#kit/program.ts';
import type { RealAgent } from '#kit/real-agent.ts';
import type { World } from '#kit/world.ts';
import { ApiError } from '#sdk/api-error.ts';

/** One file that the rounds move about, on one endpoint. */
export interface Pawn {
  readonly agent: RealAgent;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly guid: string;
}

const sizes = [0, 40, 100_000, 2_000_000];
/** The file with this index has the same bytes on every endpoint. */
const sharedFile = 1;

/** Files of several sizes on every endpoint, known to the server. */
export async function placePawns(world: World): Promise<readonly Pawn[]> {
  const placed = world.agents.flatMap((agent, machine) =>
    sizes.map((size, index) => {
      const label = index === sharedFile ? 'shared' : `machine ${machine}`;
      const bytes = Buffer.from(`${label}, file ${index}\n`.padEnd(size, `${label}${index}`));
      return { agent, path: agent.put(`below/file ${index}`, bytes), bytes, sha256: sha256(bytes) };
    }),
  );
  return Promise.all(placed.map(async (pawn) => ({ ...pawn, guid: await world.known(pawn.agent, pawn.path) })));
}

export interface Rounds {
  readonly world: World;
  readonly pawns: readonly Pawn[];
  readonly seed: number;
  readonly count: number;
}

/**
 * In each round orders are given and, at a random moment, the server or agents are killed and started again.
 * @returns the ids of the actions whose start the server acknowledged.
 */
export async function killInRounds({ world, pawns, seed, count }: Rounds): Promise<readonly string[]> {
  const chance = seeded(seed);
  const acknowledged: string[] = [];
  for (let round = 0; round < count; round += 1) {
    await Promise.all(world.agents.map((agent) => agent.connect()));
    const orders = Array.from({ length: 1 + chance.whole(4) }, () => chooseOrder(world, pawns, chance));
    const victims = chooseVictims(world, chance).map((kill) => ({ kill, after: chance.whole(150) }));
    const given = orders.map((give) => give());
    await Promise.all(
      victims.map(async ({ kill, after }) => {
        await Bun.sleep(after);
        await kill();
      }),
    );
    acknowledged.push(...(await Promise.all(given)).flatMap((id) => id ?? []));
  }
  return acknowledged;
}

/** @returns the action's id, or undefined when no answer came: then it may have been started, or not. */
type Give = () => Promise<string | undefined>;

function chooseOrder({ client }: World, pawns: readonly Pawn[], chance: Chance): Give {
  const pawn = chance.one(pawns);
  const { agent, path, guid } = pawn;
  const hash = pawn.sha256;
  const verb = chance.one(['quarantine', 'quarantine', 'restore', 'restore', 'restore everywhere', 'fetch'] as const);
  switch (verb) {
    case 'quarantine':
      return () => idOf(client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash }));
    case 'restore':
      return () => idOf(client.restoreFile({ endpointId: agent.id, sha256: hash }));
    case 'restore everywhere':
      return () => idOf(client.restoreFile({ sha256: hash }));
    case 'fetch':
      return () => idOf(client.startFetch({ guids: [guid] }).then(({ action }) => action));
  }
}

async function idOf(started: Promise<{ readonly id: string }>): Promise<string | undefined> {
  try {
    return (await started).id;
  } catch (failure) {
    // Killed in between, or nothing to restore: both are answers that a client must live with.
    if (failure instanceof ApiError && ['unreachable', 'no_target', 'unexpected_reply'].includes(failure.code)) {
      return undefined;
    }
    throw failure;
  }
}

function chooseVictims({ server, agents }: World, chance: Chance): readonly (() => Promise<void>)[] {
  const killServer = async () => {
    await server.program.end('SIGKILL');
    await server.start();
  };
  const killAgents = agents.map((agent) => async () => {
    // Half the time the children live on for a moment, and the next agent must cope with them; half the time they are
    // cut off in the middle of their work, as in a loss of power.
    const children = chance.fraction() < 0.5 ? descendants(agent.program.pid) : [];
    const ended = agent.program.end('SIGKILL');
    killAll(children);
    await ended;
    agent.start();
  });
  const all = [killServer, ...killAgents];
  const chosen = all.filter(() => chance.fraction() < 0.5);
  return chosen.length > 0 ? chosen : [chance.one(all)];
}
