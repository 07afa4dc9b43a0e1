import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CallPoint, listCalls, meddling } from '../child/calls.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { lacking, makeImage } from '../world/images.ts';
import { jobOf, tidyJob } from '../world/jobs.ts';
import { recordStates } from '../world/vault.ts';
import { makeWorld, type World } from '../world/world.ts';

const intents = 1_000;
const longest = 2_000;

/** P18: a thousand quarantines cut off half way, before and after the file had left its place, and brought to rest at once. */
export const manyIntents: Proof = {
  name: 'many-intents',
  promises: ['P18'],
  tooLongForSample: true,
  run: async (context) => {
    const tally = new Tally(context, 'P18', `recovery of ${intents} open intents within ${longest} ms`);
    const reason = lacking('tmpfs');
    if (reason !== undefined) {
      tally.skip(1, reason);
      return [tally.row()];
    }
    using image = makeImage(context.scratch, 'tmpfs', 900);
    using world = await makeWorld(image.mountPoint);
    const points = await cutsOf(context, image.mountPoint);
    const names = Array.from({ length: intents }, (_, index) => `file-${index}`);
    await sideBySide(names, async (name) => {
      const file = path.join(world.directory, name);
      writeFileSync(file, world.content);
      const point = points[names.indexOf(name) % points.length];
      const under = point === undefined ? [] : meddling(point, 'signal=KILL');
      await runChild(context.child, jobOf(world, 'quarantine', { path: file }), { under });
    });
    tally.point('all of them', await settleAll(context, world, names));
    return [tally.row()];
  },
};

/** Just before the file leaves its place, and just before its record says that it is held. */
async function cutsOf(context: ProofContext, below: string): Promise<readonly CallPoint[]> {
  using world = await makeWorld(below);
  const { points } = await listCalls(context.child, jobOf(world, 'quarantine'), ['rename', 'renameat2']);
  const leaving = points.find(({ call }) => call === 'renameat2');
  const committing = points.findLast(({ call, line }) => call === 'rename' && line.includes('.json'));
  return [leaving, committing].filter((point) => point !== undefined);
}

async function settleAll(context: ProofContext, world: World, names: readonly string[]): Promise<readonly string[]> {
  const open = recordStates(world.vault).filter((state) => state === 'taking').length;
  const idle = await runChild(context.child, tidyJob(await emptyWorld(world)));
  const ran = await runChild(context.child, tidyJob(world), { patience: 300_000 });
  const took = ran.milliseconds - idle.milliseconds;
  context.say(`P18 ${open} open intents took ${Math.round(took)} ms`);
  const missing = names.filter((name) => !existsSync(path.join(world.directory, name)));
  const strangers = readdirSync(world.directory).filter((name) => name.startsWith('.custody-'));
  return [
    ...(open === names.length ? [] : [`only ${open} were open`]),
    ...(took <= longest ? [] : [`it took ${Math.round(took)} ms`]),
    ...(missing.length === 0 ? [] : [`${missing.length} files are not in their places`]),
    ...(strangers.length === 0 ? [] : [`${strangers.length} staging directories are left`]),
    ...recordStates(world.vault).filter((state) => state === 'taking'),
  ];
}

/** What a child costs that has nothing to do is not recovery’s. */
async function emptyWorld({ base }: World): Promise<World> {
  return await makeWorld(base);
}
