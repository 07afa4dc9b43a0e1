import path from 'node:path';
import { type Chance, seeded } from '#kit/chance.ts';
import type { Settings } from '#kit/real-server.ts';
import { makePostgresPlace, postgresServer } from '../../store/postgres-place.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { type Fleet, openFleet } from '../server-kills/fleet.ts';
import { drawMoment, type Moment, underOf, wordsOf } from '../server-kills/moments.ts';
import { drawOrder, type Given } from '../server-kills/orders.ts';
import { untrueOf } from '../server-kills/truth.ts';

const [allKills, fewKills] = [1_000, 20];
const [allAgents, fewAgents] = [6, 3];
/** So often everything is looked at while the killing goes on. */
const killsBetweenLooks = 100;
/** How long a server may take to come to its counted call, once orders were given. */
const callPatience = 2_500;
const mostOrders = 4;
/** In the other lives orders are given while agents still come. */
const connectedShare = 0.85;
/** How long agents are waited for before those that are away are restarted. */
const agentPatience = 2_500;

/**
 * P65: a real server is killed by SIGKILL while real agents carry out what was ordered. The seed decides orders, contents and moments;
 * how the processes interleave is the machine's doing.
 */
export const serverKills: Proof = {
  name: 'server-kills',
  promises: ['P65'],
  run: async (context) => [await onSqlite(context), ...(await onPostgres(context))],
};

function onSqlite(context: ProofContext) {
  return killing(context, 'SQLite', {});
}

/** `tools/with-postgres.sh` runs a server to try it on. */
async function onPostgres(context: ProofContext) {
  if (postgresServer === undefined) {
    context.say('P65 is not tried on PostgreSQL here: tools/with-postgres.sh npm run prove -- --only server-kills');
    return [];
  }
  const place = await makePostgresPlace();
  try {
    return [await killing(context, 'PostgreSQL', { CUSTODY_STORE: place.url })];
  } finally {
    await place.remove();
  }
}

interface Killing {
  readonly fleet: Fleet;
  readonly chance: Chance;
  /** Orders whose answers may still come, from a later life of the server. */
  readonly given: Promise<Given>[];
  /** Milliseconds to the first answer of each life that nothing slowed. */
  readonly starts: number[];
}

async function killing(context: ProofContext, database: string, settings: Settings) {
  const { sample, seed, say, scratch } = context;
  const kills = context.kills ?? (sample ? fewKills : allKills);
  const tally = new Tally(context, 'P65', `kill -9 of a server at work, on ${database}`);
  await using fleet = await openFleet({
    directory: path.join(scratch, `fleet-${database}`),
    agents: sample ? fewAgents : allAgents,
    settings,
  });
  const work: Killing = { fleet, chance: seeded(seed), given: [], starts: [] };
  const began = performance.now();
  await fleet.server.program.end('SIGKILL');
  for (let done = 0; done < kills; ) {
    const most = Math.min(killsBetweenLooks, kills - done);
    const moments: string[] = [];
    for (let count = 0; count < most; count += 1) {
      moments.push(await killOnce(work));
    }
    done += most;
    const wrongs = await lookAround(work);
    tally.many(most - 1, 0, '');
    tally.point(`kills up to ${done}, the last of them ${moments.slice(-5).join(', ')}`, wrongs);
    const minutes = (performance.now() - began) / 60_000;
    const slowest = Math.ceil(Math.max(...work.starts));
    say(`${done} kills on ${database}, ${(done / minutes).toFixed(1)} a minute; slowest start ${slowest} ms`);
  }
  return tally.row();
}

/** One life of the server: it starts, work is ordered, it is killed. @returns when, in words. */
async function killOnce({ fleet, chance, given, starts }: Killing): Promise<string> {
  const moment = drawMoment(chance);
  const waits = chance.fraction() < connectedShare;
  const orders = Array.from({ length: 1 + chance.whole(mostOrders - 1) }, () => drawOrder(fleet, chance));
  if (!(await started(fleet, moment, starts))) {
    return `${wordsOf(moment)}, at its start`;
  }
  const gathered = waits ? gather(fleet) : Promise.resolve();
  await Promise.race([gathered, deathOf(fleet)]);
  given.push(...orders.map((give) => give()));
  await kill(fleet, moment);
  // Of two starts of one agent at once, one would be left that nobody ends.
  await gathered;
  return wordsOf(moment);
}

/** @returns false when its moment came before it answered. @throws Error when it ended in any other way */
async function started({ server }: Fleet, moment: Moment, starts: number[]): Promise<boolean> {
  const began = performance.now();
  try {
    await server.start(undefined, underOf(moment));
  } catch (thrown) {
    const { signal } = await server.program.end('SIGKILL');
    if (moment.kind === 'call' && signal === 'SIGKILL') {
      return false;
    }
    throw thrown;
  }
  if (moment.kind === 'delay') {
    starts.push(performance.now() - began);
  }
  return true;
}

async function kill(fleet: Fleet, moment: Moment): Promise<void> {
  if (moment.kind === 'delay') {
    await Bun.sleep(moment.milliseconds);
  } else {
    await Promise.race([deathOf(fleet), Bun.sleep(callPatience)]);
  }
  await fleet.server.program.end('SIGKILL');
}

/**
 * Waits for the agents. A server that is killed again and again is asked more and more seldom, and rightly: whoever would not come for
 * minutes is restarted, as an administrator would.
 */
async function gather({ server, agents }: Fleet): Promise<void> {
  const began = performance.now();
  for (let away = agents; server.program.isRunning; await Bun.sleep(50)) {
    away = await awayAmong(server, away);
    if (away.length === 0) {
      return;
    }
    if (performance.now() - began > agentPatience) {
      await Promise.all(away.map((agent) => agent.end('SIGTERM').then(() => agent.start())));
      return;
    }
  }
}

/** All of them where the server does not say: it may be killed at any moment. */
async function awayAmong({ client }: Fleet['server'], agents: Fleet['agents']): Promise<Fleet['agents']> {
  const states = await Promise.all(agents.map(({ id }) => client.readEndpoint(id).catch(() => undefined)));
  return agents.filter((_, index) => states[index]?.presence !== 'connected');
}

async function deathOf({ server: { program } }: Fleet): Promise<void> {
  while (program.isRunning) {
    await Bun.sleep(20);
  }
}

async function lookAround({ fleet, given, starts }: Killing): Promise<readonly string[]> {
  await started(fleet, { kind: 'delay', milliseconds: 0 }, starts);
  await gather(fleet);
  await Promise.all(fleet.agents.map((agent) => agent.connect()));
  const answers = await Promise.all(given);
  const acknowledged = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.id]));
  const unanswered = answers.filter((answer) => answer === 'unanswered').length;
  const wrongs = await untrueOf(fleet, { acknowledged, unanswered });
  await fleet.server.program.end('SIGKILL');
  return wrongs;
}
