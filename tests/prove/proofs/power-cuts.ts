import { sampled } from '../chance.ts';
import { type CallPoint, changingCalls, meddling, pathCalls } from '../child/calls.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { type FileSystem, type Image, lacking, makeImage, type PowerCut, run } from '../world/images.ts';
import { jobOf, tidyJob, type VerbUnderProof } from '../world/jobs.ts';
import { callsOf, fillVault } from '../world/prepared.ts';
import { brokenWord, lostIn, outcomesOf, untrueIn, whereabouts } from '../world/truth.ts';
import { makeWorld, newTaskId, type World } from '../world/world.ts';
import { judge } from './kill-sweep.ts';

interface Power {
  readonly context: ProofContext;
  readonly image: Image;
  readonly verb: VerbUnderProof;
  readonly flag: PowerCut;
  /** Does fsync do anything? The control's does not. */
  readonly syncs: boolean;
}

const verbs = ['quarantine', 'restore', 'purge'] as const;

/** P16, P17: the power is cut at every call that changes the disk; the file system is mounted again, and recovery runs. */
export const powerCuts: Proof = {
  name: 'power-cuts',
  promises: ['P16', 'P17'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const fileSystem of context.sample ? (['ext4'] as const) : (['ext4', 'xfs'] as const)) {
      for (const verb of context.sample ? (['quarantine', 'restore'] as const) : verbs) {
        for (const flag of [1, 2] as const) {
          rows.push(await sweep(context, fileSystem, { verb, flag }));
        }
      }
    }
    return rows;
  },
};

async function sweep(
  context: ProofContext,
  fileSystem: FileSystem,
  { verb, flag }: Pick<Power, 'verb' | 'flag'>,
): Promise<ProofRow> {
  const tally = new Tally(context, 'P16, P17', `power cut on ${fileSystem}, shutdown flag ${flag}, in ${verb}`);
  const reason = lacking(fileSystem);
  if (reason !== undefined) {
    tally.skip(1, reason);
    return tally.row();
  }
  using image = makeImage(context.scratch, fileSystem);
  const power: Power = { context, image, verb, flag, syncs: true };
  const calls = context.sample ? changingCalls : [...new Set([...changingCalls, ...pathCalls])];
  const points = await callsOf(context, { verb, calls, below: image.mountPoint });
  const tried = context.sample ? sampled(points, 6, context.seed + flag) : points;
  for (const point of tried) {
    tally.point(`${point.call} ${point.ordinal}: ${point.line}`, await cutAt(power, point));
  }
  tally.point('the moment after the answer', await cutAt(power, undefined));
  // A purge whose journal was flushed has nothing left to lose: the removal is in it.
  const isControlled = fileSystem === 'ext4' && !(verb === 'purge' && flag === 1);
  if (isControlled) {
    await control({ ...power, syncs: false }, points, tally);
  }
  return tally.row();
}

/** Without fsync the same code must lose, or these are no power cuts. The moments around the end are the worst. */
async function control(power: Power, points: readonly CallPoint[], tally: Tally): Promise<void> {
  const last = points.filter(({ call }) => /^(unlink|rename|rmdir)/.test(call));
  for (const point of [undefined, ...(power.context.sample ? last.slice(-2) : last)]) {
    tally.control((await cutAt(power, point)).length > 0);
  }
}

/** @param point undefined: the child has answered, and then the power goes. */
async function cutAt(power: Power, point: CallPoint | undefined): Promise<readonly string[]> {
  const { context, image, verb } = power;
  using world = await makeWorld(image.mountPoint);
  await fillVault(context, verb, world);
  run('sync', ['-f', image.mountPoint]);
  const taskId = newTaskId();
  const job = jobOf(world, verb, { taskId });
  const { messages } = await runChild(context.child, job, { under: underStrace(power, point) });
  image.cutPower(power.flag);
  image.remount();
  const answered = outcomesOf(messages);
  const missed = point !== undefined && power.syncs && answered.length > 0 ? ['the child never came to this call'] : [];
  return [...missed, ...(await wrongsAfter(power, { world, taskId, answered: point === undefined ? messages : [] }))];
}

function underStrace({ syncs }: Power, point: CallPoint | undefined): readonly string[] {
  const deaf = syncs ? [] : ['-einject=fsync,fdatasync,sync,syncfs:retval=0'];
  const [strace = 'strace', ...words] =
    point === undefined ? ['strace', '-qq', '-etrace=fsync'] : meddling(point, 'signal=KILL');
  return syncs && point === undefined ? [] : [strace, ...deaf, ...words];
}

async function wrongsAfter(
  { context, verb }: Power,
  {
    world,
    taskId,
    answered,
  }: { readonly world: World; readonly taskId: string; readonly answered: Parameters<typeof brokenWord>[2] },
): Promise<readonly string[]> {
  const found = await whereabouts(world);
  if (answered.length > 0) {
    const { messages } = await runChild(context.child, tidyJob(world));
    const tidied = messages.some(({ type }) => type === 'tidied') ? [] : ['tidying failed'];
    const after = await whereabouts(world);
    return [...brokenWord(found, verb, answered), ...lostIn(found, verb), ...tidied, ...untrueIn(after, verb)];
  }
  const recovered = await runChild(context.child, jobOf(world, verb, { taskId }));
  return [...lostIn(found, verb), ...(await judge(world, { verb, recovery: 'run again' }, recovered))];
}
