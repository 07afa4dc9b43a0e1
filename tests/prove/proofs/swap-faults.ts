import { chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sampled } from '../chance.ts';
import { type CallPoint, changingCalls, meddling } from '../child/calls.ts';
import { type JobFrame, runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf, tidyJob } from '../world/jobs.ts';
import { look } from '../world/portrait.ts';
import { callsOf, prepared } from '../world/prepared.ts';
import { outcomesOf } from '../world/truth.ts';
import { heldObjects, recordStates, unfinished } from '../world/vault.ts';
import { attacker, newTaskId, sha256Of, type World } from '../world/world.ts';
import { type Recovery, recoveries } from './kill-sweep.ts';

const occupant = Buffer.from('what has the name by now\n');
const faults = ['signal=KILL', 'error=ENOSPC', 'error=EIO'] as const;

interface Fault {
  readonly point: CallPoint;
  readonly how: (typeof faults)[number];
  readonly recovery: Recovery;
}

/** P16, P18 for two files at once: a restore that swaps with the occupant of the name, killed or failing at every change. */
export const swapFaults: Proof = {
  name: 'swap-faults',
  promises: ['P16', 'P19'],
  run: async (context) => [await sweep(context)],
};

async function sweep(context: ProofContext): Promise<ProofRow> {
  const tally = new Tally(context, 'P16, P19', 'kill -9 and errno in a restore that swaps, then recovery');
  const jobFor = (world: World) => jobOf(world, 'restore', { ifOccupied: 'swap' });
  const before = async (world: World) => occupy(world);
  const points = await callsOf(context, { verb: 'restore', calls: changingCalls, jobFor, before });
  const all = points.flatMap((point) =>
    faults.flatMap((how) => recoveries.map((recovery): Fault => ({ point, how, recovery }))),
  );
  await sideBySide(context.sample ? sampled(all, 31, context.seed) : all, async (fault) => {
    const { point, how, recovery } = fault;
    tally.point(`${how} ${point.call} ${point.ordinal}, ${recovery}: ${point.line}`, await tryFault(context, fault));
  });
  return tally.row();
}

function occupy({ file }: World): void {
  writeFileSync(file, occupant);
  chownSync(file, attacker, attacker);
}

async function tryFault(context: ProofContext, { point, how, recovery }: Fault): Promise<readonly string[]> {
  using world = await prepared(context, 'restore');
  occupy(world);
  const taskId = newTaskId();
  const job = jobOf(world, 'restore', { taskId, ifOccupied: 'swap' });
  const ran = await runChild(context.child, job, { under: meddling(point, how) });
  const isHit = how === 'signal=KILL' ? ran.isKilled : ran.trace.includes('(INJECTED)');
  const lost = await lostOf(world);
  const settling = jobOf(world, 'restore', { taskId, ifOccupied: 'swap', settle: true });
  const next: Readonly<Record<Recovery, JobFrame>> = {
    'run again': job,
    settled: settling,
    'given up': tidyJob(world),
  };
  const recovered = await runChild(context.child, next[recovery]);
  const isAnswered = recovered.messages.some(({ type }) => type === 'endings' || type === 'tidied');
  const isGood = recovery !== 'run again' || outcomesOf(recovered.messages).every((outcome) => /done/.test(outcome));
  return [
    ...(isHit ? [] : ['the child never came to this call']),
    ...lost,
    ...(isAnswered ? [] : [`recovery said ${JSON.stringify(recovered.messages)}`]),
    ...(isGood || how !== 'signal=KILL' ? [] : [`run again, it said ${JSON.stringify(recovered.messages)}`]),
    ...(await untrueOf(world)),
  ];
}

interface Two {
  /** Hashes: what has the name, what lies about beside it, and what the vault holds. */
  readonly inPlace: string | undefined;
  readonly elsewhere: readonly string[];
  readonly inVault: readonly string[];
}

async function whereBoth(world: World): Promise<Two> {
  const files = look(world.user).filter(({ kind }) => kind === 'file');
  const own = path.relative(world.user, world.file);
  const objects = await heldObjects(world);
  return {
    inPlace: files.find(({ name }) => name === own)?.sha256,
    elsewhere: files.filter(({ name }) => name !== own).map(({ sha256 }) => sha256),
    inVault: objects.filter(({ isTrue }) => isTrue).map(({ metadata }) => String(metadata['sha256'])),
  };
}

async function lostOf(world: World): Promise<readonly string[]> {
  const { inPlace, elsewhere, inVault } = await whereBoth(world);
  const all = [inPlace, ...elsewhere, ...inVault];
  const wanted = { 'the file': world.sha256, 'the occupant': sha256Of(occupant) };
  return Object.entries(wanted).flatMap(([name, sha256]) => (all.includes(sha256) ? [] : [`${name} is lost`]));
}

/** One in its place and the other one in the vault, and nothing else anywhere. */
async function untrueOf(world: World): Promise<readonly string[]> {
  const both = await whereBoth(world);
  const [first, second] = [world.sha256, sha256Of(occupant)];
  const other = both.inPlace === first ? second : first;
  const isTrue = [first, second].includes(both.inPlace ?? '') && both.inVault.length === 1 && both.inVault[0] === other;
  const states = recordStates(world.vault);
  const leftovers = [
    ...unfinished(world.vault),
    ...look(world.user).flatMap(({ name }) => (name.includes('.custody-') ? [name] : [])),
  ];
  return [
    ...(isTrue && both.elsewhere.length === 0
      ? []
      : [`neither swapped nor as before: ${JSON.stringify({ ...both, first, second, states })}`]),
    ...states.filter((state) => state === 'taking' || state === 'returning').map((state) => `a record says ${state}`),
    ...leftovers.map((name) => `${name} is left over`),
  ];
}
