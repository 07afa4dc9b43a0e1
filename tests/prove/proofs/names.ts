import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { displayPath, parsePath } from '#core/file/file-path.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { generatedName } from '../world/generated.ts';
import { type FileSystem, lacking, makeImage } from '../world/images.ts';
import { jobOf } from '../world/jobs.ts';
import { heldObjects } from '../world/vault.ts';
import { makeWorld, type World } from '../world/world.ts';

/** P7: any name of bytes is fetched, taken, found in the vault under that name, shown reversibly and brought back. */
export const names: Proof = {
  name: 'names',
  promises: ['P7'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const fileSystem of context.sample
      ? (['ext4', 'tmpfs'] as const)
      : (['ext4', 'tmpfs', 'xfs', 'btrfs'] as const)) {
      rows.push(await tryNames(context, fileSystem));
    }
    return rows;
  },
};

async function tryNames(context: ProofContext, fileSystem: FileSystem): Promise<ProofRow> {
  const tally = new Tally(context, 'P7', `odd names on ${fileSystem}: fetch, quarantine, list, restore`);
  const numRuns = context.sample ? 24 : 2_500;
  const reason = lacking(fileSystem);
  if (reason !== undefined) {
    tally.skip(numRuns, reason);
    return tally.row();
  }
  using image = makeImage(context.scratch, fileSystem, 400);
  const tried = fc.sample(fc.tuple(generatedName, generatedName), { seed: context.seed, numRuns });
  await sideBySide(tried, async ([directory, name]) => {
    using world = await makeWorld(image.mountPoint);
    const parent = Buffer.concat([Buffer.from(`${world.base}/`), directory]);
    tally.point(`${displayPath(directory)} / ${displayPath(name)}`, await tryName(context, world, { parent, name }));
  });
  return tally.row();
}

async function tryName(
  context: ProofContext,
  world: World,
  { parent, name }: { readonly parent: Buffer; readonly name: Uint8Array },
): Promise<readonly string[]> {
  const file = Buffer.concat([parent, Buffer.from('/'), name]);
  mkdirSync(parent, { recursive: true });
  rmSync(world.user, { recursive: true });
  writeFileSync(file, world.content);
  const wrongs: string[] = [];
  const fetched = await runChild(context.child, jobOf(world, 'fetch', { path: file }));
  wrongs.push(...(JSON.stringify(fetched.messages).includes('"captured"') ? [] : ['not fetched']));
  wrongs.push(
    ...(readFileSync(path.join(world.spool, '0.bytes')).equals(world.content) ? [] : ['other bytes were fetched']),
  );
  const taken = await runChild(context.child, jobOf(world, 'quarantine', { path: file }));
  wrongs.push(
    ...(JSON.stringify(taken.messages).includes('"done"') ? [] : [`not taken: ${JSON.stringify(taken.messages)}`]),
  );
  wrongs.push(...(existsSync(file) ? ['it is still there'] : []));
  const [held] = await heldObjects(world);
  const listed = Buffer.from(String(held?.metadata['path']), 'base64');
  wrongs.push(...(listed.equals(file) ? [] : ['the vault has it under another name']));
  wrongs.push(...(Buffer.from(parsePath(displayPath(file))).equals(file) ? [] : ['its shown form is not reversible']));
  const back = await runChild(context.child, jobOf(world, 'restore'));
  wrongs.push(
    ...(JSON.stringify(back.messages).includes('"done"') ? [] : [`not restored: ${JSON.stringify(back.messages)}`]),
  );
  wrongs.push(...(existsSync(file) && readFileSync(file).equals(world.content) ? [] : ['it is not back']));
  return wrongs;
}
