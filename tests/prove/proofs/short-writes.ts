import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Chance, sampled } from '../chance.ts';
import { type CallPoint, listCalls, meddling } from '../child/calls.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { type Image, lacking, makeImage } from '../world/images.ts';
import { jobOf, tidyJob, type VerbUnderProof } from '../world/jobs.ts';
import { fillVault } from '../world/prepared.ts';
import { brokenWord, lostIn, outcomesOf, untrueIn, whereabouts } from '../world/truth.ts';
import { makeWorld, type World } from '../world/world.ts';

/** P20: the disk fills up in the middle, so that a write is cut short by the kernel itself, and the next one fails. */
export const shortWrites: Proof = {
  name: 'short-writes',
  promises: ['P20'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const verb of ['quarantine', 'restore'] as const) {
      rows.push(await sweep(context, verb));
    }
    return rows;
  },
};

async function sweep(context: ProofContext, verb: VerbUnderProof): Promise<ProofRow> {
  const tally = new Tally(context, 'P20', `the disk fills up during a ${verb}: short writes, then none`);
  const reason = lacking('tmpfs');
  if (reason !== undefined) {
    tally.skip(1, reason);
    return tally.row();
  }
  using image = makeImage(context.scratch, 'tmpfs', 100);
  const content = new Chance(context.seed).bytes(700_000);
  const points = await writesOf(context, { image, verb, content });
  for (const point of context.sample ? sampled(points, 3, context.seed) : points) {
    for (const spare of context.sample ? [1] : [0, 1, 3, 7]) {
      tally.point(
        `${point.call} ${point.ordinal}, ${spare} pages left: ${point.line}`,
        await fillAt(context, { image, verb, content, point, spare }),
      );
    }
  }
  return tally.row();
}

interface Filling {
  readonly image: Image;
  readonly verb: VerbUnderProof;
  readonly content: Uint8Array;
}

async function arranged(context: ProofContext, { image, verb, content }: Filling): Promise<World> {
  const world = await makeWorld(image.mountPoint, content);
  await fillVault(context, verb, world);
  return world;
}

async function writesOf(context: ProofContext, filling: Filling): Promise<readonly CallPoint[]> {
  using world = await arranged(context, filling);
  const { points } = await listCalls(context.child, jobOf(world, filling.verb), [
    'write',
    'pwrite64',
    'mkdirat',
    'openat',
  ]);
  return points.filter(
    ({ call, line }) => line.includes(world.base) && (call !== 'openat' || line.includes('O_CREAT')),
  );
}

async function fillAt(
  context: ProofContext,
  filling: Filling & { readonly point: CallPoint; readonly spare: number },
): Promise<readonly string[]> {
  const { image, verb, point, spare } = filling;
  using world = await arranged(context, filling);
  const filler = path.join(image.mountPoint, 'filling');
  let isFull = false;
  const { messages } = await runChild(context.child, jobOf(world, verb), {
    under: meddling(point, 'signal=STOP'),
    whenStopped: () => {
      isFull = true;
      fill(filler, image.mountPoint, spare);
    },
  });
  const found = await whereabouts(world);
  rmSync(filler, { force: true });
  const tidied = await runChild(context.child, tidyJob(world));
  return [
    ...(isFull ? [] : ['the child never came to this call']),
    ...(outcomesOf(messages).length === 1 ? [] : [`it said ${JSON.stringify(messages)}`]),
    ...lostIn(found, verb),
    ...brokenWord(found, verb, messages),
    ...(verb === 'quarantine' && !outcomesOf(messages).includes('done') && !found.place
      ? ['the file is not in its place']
      : []),
    ...(found.leftovers.length > 0 && !outcomesOf(messages).includes('done') ? [`left: ${found.leftovers}`] : []),
    ...(tidied.messages.some(({ type }) => type === 'tidied')
      ? []
      : [`tidying said ${JSON.stringify(tidied.messages)}`]),
    ...untrueIn(await whereabouts(world), verb),
  ];
}

/** Leaves so many pages and no more. */
function fill(filler: string, mountPoint: string, spare: number): void {
  writeFileSync(filler, '');
  const { bavail, bsize } = statfsSync(mountPoint);
  const wanted = (bavail - spare) * bsize;
  const { status } = spawnSync('fallocate', ['-l', String(wanted), filler]);
  if (status !== 0 || !existsSync(filler)) {
    truncateSync(filler, 0);
    throw new Error(`The disk could not be filled with ${wanted} bytes.`);
  }
}
