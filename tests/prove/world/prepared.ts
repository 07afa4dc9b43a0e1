import { type CallPoint, listCalls } from '../child/calls.ts';
import { type JobFrame, runChild } from '../child/run.ts';
import type { ProofContext } from '../proof.ts';
import { jobOf, type VerbUnderProof } from './jobs.ts';
import { makeWorld, type World } from './world.ts';

/** A world in which the verb can begin: for a restore and a purge the file is in the vault. */
export async function prepared(context: ProofContext, verb: VerbUnderProof, below?: string): Promise<World> {
  const world = await makeWorld(below ?? context.scratch);
  await fillVault(context, verb, world);
  return world;
}

export async function fillVault(context: ProofContext, verb: VerbUnderProof, world: World): Promise<void> {
  if (verb === 'restore' || verb === 'purge') {
    await runChild(context.child, jobOf(world, 'quarantine'));
  }
}

interface Finding {
  readonly verb: VerbUnderProof;
  readonly calls: readonly string[];
  readonly below?: string;
  readonly jobFor?: (world: World) => JobFrame;
  /** Done to the world before the job is run and listed. */
  readonly before?: (world: World) => Promise<void>;
}

/** The calls of a verb that touch its world, from a run that nothing disturbs. */
export async function callsOf(context: ProofContext, finding: Finding): Promise<readonly CallPoint[]> {
  using world = await prepared(context, finding.verb, finding.below);
  await finding.before?.(world);
  const job = finding.jobFor?.(world) ?? jobOf(world, finding.verb);
  const { points } = await listCalls(context.child, job, finding.calls);
  return points.filter(({ line }) => line.includes(world.base) && !line.includes('AT_EMPTY_PATH'));
}
