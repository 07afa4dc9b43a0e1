import { Chance, sampled } from '../chance.ts';
import { type CallPoint, changingCalls, listCalls, meddling } from '../child/calls.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { callsOf, prepared } from '../world/prepared.ts';
import { lostIn, whereabouts } from '../world/truth.ts';
import { newTaskId, type World } from '../world/world.ts';
import { judge, type Recovery, recover, recoveries, recoveryJob } from './kill-sweep.ts';

interface Base {
  readonly verb: VerbUnderProof;
  readonly first: CallPoint;
  readonly recovery: Recovery;
}

/** P18: killed, and killed again at every call of the recovery from there; the recovery after that must do. */
export const nestedKills: Proof = {
  name: 'nested-kills',
  promises: ['P18'],
  run: async (context) => {
    const tally = new Tally(context, 'P18', 'kill -9 in recovery, then recovery again');
    for (const base of await bases(context)) {
      const points = await recoveryCalls(context, base);
      const tried = context.sample ? sampled(points, 7, context.seed) : points;
      await sideBySide(tried, async (second) => {
        const where = `${base.verb} ${base.first.call} ${base.first.ordinal}, ${base.recovery} ${second.call} ${second.ordinal}`;
        tally.point(where, await tryPoint(context, base, second));
      });
    }
    return [tally.row()];
  },
};

/** Crash points to start from, spread over the whole job. */
async function bases(context: ProofContext): Promise<readonly Base[]> {
  const chance = new Chance(context.seed);
  const found: Base[] = [];
  for (const verb of ['quarantine', 'restore', 'purge'] as const) {
    const points = await callsOf(context, { verb, calls: changingCalls });
    const wanted = context.sample ? 3 : 9;
    for (let part = 0; part < wanted && points.length > 0; part += 1) {
      const share = points.length / wanted;
      const first = points[Math.floor(share * part + chance.below(Math.max(1, Math.floor(share))))];
      const recovery = recoveries[part % recoveries.length];
      found.push(...(first === undefined || recovery === undefined ? [] : [{ verb, first, recovery }]));
    }
  }
  return found;
}

async function crashed(context: ProofContext, base: Base): Promise<{ readonly world: World; readonly taskId: string }> {
  const world = await prepared(context, base.verb);
  const taskId = newTaskId();
  await runChild(context.child, jobOf(world, base.verb, { taskId }), { under: meddling(base.first, 'signal=KILL') });
  return { world, taskId };
}

async function recoveryCalls(context: ProofContext, base: Base): Promise<readonly CallPoint[]> {
  const { world, taskId } = await crashed(context, base);
  using _ = world;
  const { points } = await listCalls(context.child, recoveryJob(world, base.verb, { ...base, taskId }), changingCalls);
  return points.filter(({ line }) => line.includes(world.base));
}

async function tryPoint(context: ProofContext, base: Base, second: CallPoint): Promise<readonly string[]> {
  const { world, taskId } = await crashed(context, base);
  using _ = world;
  const under = meddling(second, 'signal=KILL');
  const ran = await runChild(context.child, recoveryJob(world, base.verb, { ...base, taskId }), { under });
  const lost = lostIn(await whereabouts(world), base.verb);
  const missed = ran.isKilled ? [] : ['the recovery never came to this call'];
  const recovered = await recover(context, world, { ...base, taskId });
  return [...missed, ...lost, ...(await judge(world, base, recovered))];
}
