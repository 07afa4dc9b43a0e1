import { sampled } from '../chance.ts';
import { type CallPoint, changingCalls, meddling, pathCalls } from '../child/calls.ts';
import { type JobFrame, type Ran, runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf, tidyJob, type VerbUnderProof } from '../world/jobs.ts';
import { callsOf, prepared } from '../world/prepared.ts';
import { brokenWord, lostIn, untrueIn, whereabouts } from '../world/truth.ts';
import { newTaskId, type World } from '../world/world.ts';

const verbs = ['quarantine', 'restore', 'purge'] as const;

/** P16: killed at every call, then recovered by the next run of the task, or by the tidying of the agent's next life. */
export const killSweep: Proof = {
  name: 'kill-sweep',
  promises: ['P16'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const verb of verbs) {
      rows.push(await sweep(context, verb));
    }
    return rows;
  },
};

async function sweep(context: ProofContext, verb: VerbUnderProof): Promise<ProofRow> {
  const tally = new Tally(context, 'P16', `kill -9 in ${verb}, then recovery`);
  const calls = context.sample ? changingCalls : [...new Set([...changingCalls, ...pathCalls])];
  const points = await callsOf(context, { verb, calls });
  const tried = context.sample ? sampled(points, 7, context.seed) : points;
  await sideBySide(
    tried.flatMap((point) => recoveries.map((recovery) => ({ point, recovery }))),
    async ({ point, recovery }) => {
      tally.point(
        `${point.call} ${point.ordinal}, ${recovery}: ${point.line}`,
        await tryPoint(context, { verb, point, recovery }),
      );
    },
  );
  return tally.row();
}

export type Recovery = (typeof recoveries)[number];
/** The next run of the task; the run that only settles it; the tidying of an agent that has given it up. */
export const recoveries = ['run again', 'settled', 'given up'] as const;

interface Cut {
  readonly verb: VerbUnderProof;
  readonly point: CallPoint;
  readonly recovery: Recovery;
}

async function tryPoint(context: ProofContext, cut: Cut): Promise<readonly string[]> {
  using world = await prepared(context, cut.verb);
  const taskId = newTaskId();
  const ran = await runChild(context.child, jobOf(world, cut.verb, { taskId }), {
    under: meddling(cut.point, 'signal=KILL'),
  });
  if (!ran.isKilled) {
    return ['the child never came to this call'];
  }
  const lost = lostIn(await whereabouts(world), cut.verb);
  const recovered = await recover(context, world, { ...cut, taskId });
  return [...lost, ...(await judge(world, cut, recovered))];
}

export function recoveryJob(
  world: World,
  verb: VerbUnderProof,
  { recovery, taskId }: { readonly recovery: Recovery; readonly taskId: string },
): JobFrame {
  return recovery === 'given up' ? tidyJob(world) : jobOf(world, verb, { taskId, settle: recovery === 'settled' });
}

export async function recover(
  context: ProofContext,
  world: World,
  { verb, recovery, taskId }: { readonly verb: VerbUnderProof; readonly recovery: Recovery; readonly taskId: string },
): Promise<Ran> {
  return await runChild(context.child, recoveryJob(world, verb, { recovery, taskId }));
}

/** A task that is run again must also come to its good end. */
export async function judge(
  world: World,
  { verb, recovery }: Pick<Cut, 'verb' | 'recovery'>,
  { messages, code }: Pick<Ran, 'messages' | 'code'>,
): Promise<readonly string[]> {
  const found = await whereabouts(world);
  const ends = messages.map(({ type }) => type).filter((type) => type !== 'progress');
  const isEnded = code === 0 && ends.length === 1 && ends[0] === (recovery === 'given up' ? 'tidied' : 'endings');
  return [
    ...(isEnded ? [] : [`recovery ended with ${code} and said ${JSON.stringify(messages)}`]),
    ...(recovery === 'run again' && !isGoodEnd(messages) ? [`run again, it said ${JSON.stringify(messages)}`] : []),
    ...untrueIn(found, verb),
    ...brokenWord(found, verb, messages),
  ];
}

function isGoodEnd(messages: Ran['messages']): boolean {
  return messages.some(
    (message) => message.type === 'endings' && message.endings.every(({ outcome }) => /done/.test(outcome)),
  );
}
