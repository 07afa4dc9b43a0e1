import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CallPoint, listCalls, meddling, pathCalls } from '../child/calls.ts';
import { type Command, type JobFrame, runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { type Before, redirections, seeBefore } from '../world/redirection.ts';
import { type Swap, swaps } from '../world/swaps.ts';
import { makeWorld, type World } from '../world/world.ts';

interface Attack {
  readonly context: ProofContext;
  readonly verb: VerbUnderProof;
  /** Who is attacked. */
  readonly victim: 'product' | 'control';
}

/** P1: stopped at every path call, while everything that an attacker could swap is swapped. No luck is needed. */
export const raceSweep: Proof = {
  name: 'race-sweep',
  promises: ['P1', 'P3'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const verb of ['fetch', 'quarantine', 'restore', 'purge'] as const) {
      rows.push(await sweep(context, verb));
    }
    return rows;
  },
};

async function sweep(context: ProofContext, verb: VerbUnderProof): Promise<ProofRow> {
  const tally = new Tally(context, 'P1', `race sweep, ${verb}: swapped while stopped at each path call`);
  const all = swaps.filter((swap) => swap.verbs.includes(verb));
  const attacks = context.sample && verb === 'purge' ? all.slice(0, 2) : all;
  const points = await pointsOf({ context, verb, victim: 'product' });
  const trials = attacks.flatMap((swap) => points.map((point) => ({ swap, point })));
  await sideBySide(trials, async ({ swap, point }) => {
    const wrongs = await tryPoint({ context, verb, victim: 'product' }, swap, point);
    const where = `${point.call} ${point.ordinal} (${swap.name}) ${point.line}`;
    if (wrongs === 'not made again') {
      context.say(`no point, the call was made once only: ${where}`);
    } else {
      tally.point(where, wrongs);
    }
  });
  await runControl({ context, verb, victim: 'control' }, attacks, tally);
  return tally.row();
}

async function runControl(attack: Attack, attacks: readonly Swap[], tally: Tally): Promise<void> {
  const points = await pointsOf(attack);
  const trials = attacks.slice(0, attack.context.sample ? 1 : attacks.length);
  await sideBySide(
    trials.flatMap((swap) => points.map((point) => ({ swap, point }))),
    async ({ swap, point }) => {
      const wrongs = await tryPoint(attack, swap, point);
      tally.control(wrongs !== 'not made again' && wrongs.some((wrong) => wrong !== neverStopped));
    },
  );
}

/** A dry run. A sample keeps the calls that can tell a swap from none: between two others the attacker changes nothing. */
async function pointsOf(attack: Attack): Promise<readonly CallPoint[]> {
  using world = await prepare(attack);
  const { points } = await listCalls(commandOf(attack), jobFor(attack, world), pathCalls);
  const first = points.findIndex(({ line }) => line.includes(world.base));
  const mine = points.slice(Math.max(0, first)).filter(({ line }) => !/"\/proc\/self\/(statm|maps)"/.test(line));
  const users = attack.verb === 'purge' ? [world.base] : [world.user, '/proc/self/fd/', '"/", '];
  const isSeen = ({ line }: CallPoint) =>
    users.some((place) => line.includes(place)) && !line.includes('AT_EMPTY_PATH');
  return mine.filter((point) => (attack.context.sample ? isSeen(point) : !point.line.includes('AT_EMPTY_PATH')));
}

function commandOf({ context, victim }: Attack): Command {
  return victim === 'product' ? context.child : context.control;
}

/** For a fetch root's file has other bytes, so that they can be told; for the others the same, so that no hash helps. */
async function prepare({ context, verb, victim }: Attack): Promise<World> {
  const world = await makeWorld(context.scratch);
  if (verb === 'fetch') {
    writeFileSync(path.join(world.secret, 'a'), 'root’s secret\n');
  }
  if (victim === 'product' && (verb === 'restore' || verb === 'purge')) {
    await runChild(context.child, jobOf(world, 'quarantine'));
  }
  if (victim === 'control' && verb === 'restore') {
    renameSync(world.file, path.join(world.vault, 'taken'));
  }
  return world;
}

function jobFor({ verb, victim }: Attack, world: World): JobFrame {
  const from = verb === 'purge' ? world.file : path.join(world.vault, 'taken');
  const job = jobOf(world, verb);
  return victim === 'product' ? job : { ...job, naive: { from, to: world.file } };
}

/**
 * The engine reads its memory's size when it likes, and shifts the ordinals of the calls beside: one try in four hits a call that
 * stands next to such a reading.
 */
const mostTries = 64;
/** A call that so many dry runs do not make again was the engine's own, and no point to try. */
const mostSearches = 8;
const neverStopped = 'the child was never stopped at this call';

/** A run that stopped at another call is not the one that was meant: the call is looked for in a new dry run, and tried there. */
async function tryPoint(attack: Attack, swap: Swap, point: CallPoint): Promise<readonly string[] | 'not made again'> {
  let next = point;
  let found = 0;
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const { wrongs, isMeant } = await stopAt(attack, swap, next);
    if (isMeant || wrongs.length > 0) {
      return wrongs;
    }
    const again = await findAgain(attack, point);
    found += again === undefined ? 0 : 1;
    if (tries === mostSearches && found === 0) {
      return 'not made again';
    }
    next = again ?? next;
  }
  return [neverStopped];
}

/** Of the calls that name the same, the one whose ordinal is nearest. */
async function findAgain(attack: Attack, { call, ordinal, line }: CallPoint): Promise<CallPoint | undefined> {
  const distance = (point: CallPoint) => Math.abs(point.ordinal - ordinal);
  const points = await pointsOf(attack);
  const same = points.filter((point) => point.call === call && placesIn(point.line) === placesIn(line));
  return same.toSorted((one, other) => distance(one) - distance(other))[0];
}

interface Stop {
  readonly isMeant: boolean;
  readonly wrongs: readonly string[];
}

async function stopAt(attack: Attack, swap: Swap, point: CallPoint): Promise<Stop> {
  using world = await prepare(attack);
  let before: Before | undefined;
  let isMeant = false;
  const job = jobFor(attack, world);
  const ran = await runChild(commandOf(attack), job, {
    under: meddling(point, 'signal=STOP'),
    whenStopped: (call) => {
      isMeant = placesIn(call) === placesIn(point.line);
      swap.apply(world);
      before = seeBefore(world);
    },
  });
  if (before === undefined) {
    return { isMeant: false, wrongs: [] };
  }
  const isProduct = attack.victim === 'product';
  const wrongs = isProduct ? await redirections(world, before, ran.messages) : await naiveLosses(world, before);
  return { isMeant, wrongs };
}

/** The call and what it names, without what is another in every run: the world, vault objects, numbers. */
function placesIn(line: string): string {
  const [asked = ''] = line.split(') = ');
  const named = asked.match(/^\w+|"[^"]*"|<[^>]*>/g) ?? [];
  return named.join(' ').replaceAll(/w-\w{6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\/proc\/self\/fd\/\d+/g, '*');
}

/** The control has no vault that could be opened; only what it did outside counts. */
async function naiveLosses(world: World, before: Before): Promise<readonly string[]> {
  const changed = await redirections(world, before, []);
  return changed.filter((wrong) => wrong.startsWith('root’s'));
}
