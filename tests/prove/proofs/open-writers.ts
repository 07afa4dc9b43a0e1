import { closeSync, openSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs';
import { Chance, sampled } from '../chance.ts';
import { type CallPoint, listCalls, meddling } from '../child/calls.ts';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf } from '../world/jobs.ts';
import { look } from '../world/portrait.ts';
import { heldObjects } from '../world/vault.ts';
import { makeWorld, sha256Of, type World } from '../world/world.ts';

/** Calls between which a program that has the file open may write to it. */
const moments = ['read', 'pread64', 'pwrite64', 'statx', 'renameat2', 'rename', 'openat', 'fsync', 'unlinkat'];

interface Writing {
  readonly point: CallPoint;
  /** Where the byte is, and whether the writer puts the modification time back. */
  readonly at: number;
  readonly hides: boolean;
}

/** P2: somebody writes into the file while it is taken. What the vault says it holds is what it holds, or nothing was taken. */
export const openWriters: Proof = {
  name: 'open-writers',
  promises: ['P2'],
  run: async (context) => {
    const tally = new Tally(context, 'P2', 'a writer changes the file in the middle of a quarantine');
    const chance = new Chance(context.seed);
    const content = chance.bytes(300_000);
    const points = await momentsOf(context, content);
    const tried = context.sample ? sampled(points, Math.ceil(points.length / 30), context.seed) : points;
    const rounds = context.sample ? 1 : 5;
    const writings = Array.from({ length: rounds }, () => tried).flatMap((each) =>
      each.map((point) => ({ point, at: chance.below(content.length), hides: chance.below(2) === 0 })),
    );
    await sideBySide(writings, async (writing) => {
      const { point, at, hides } = writing;
      const where = `byte ${at}, time ${hides ? 'put back' : 'moved'}, ${point.call} ${point.ordinal}: ${point.line}`;
      tally.point(where, await tryWriting(context, content, writing));
    });
    return [tally.row()];
  },
};

async function momentsOf(context: ProofContext, content: Uint8Array): Promise<readonly CallPoint[]> {
  using world = await makeWorld(context.scratch, content);
  const { points } = await listCalls(context.child, jobOf(world, 'quarantine'), moments);
  const first = points.findIndex(({ line }) => line.includes(`<${world.file}>`));
  return points.slice(Math.max(0, first)).filter(({ line }) => line.includes(world.base));
}

async function tryWriting(context: ProofContext, content: Uint8Array, writing: Writing): Promise<readonly string[]> {
  using world = await makeWorld(context.scratch, content);
  const handle = openSync(world.file, 'r+');
  let isReached = false;
  const { messages } = await runChild(context.child, jobOf(world, 'quarantine'), {
    under: meddling(writing.point, 'signal=STOP'),
    whenStopped: () => {
      isReached = true;
      writeOne(world, handle, writing);
    },
  });
  closeSync(handle);
  const told = JSON.stringify(messages);
  const held = await heldObjects(world);
  const [now] = look(world.user).filter(({ kind }) => kind === 'file');
  const changed = Buffer.from(content);
  changed.writeUInt8(changed.readUInt8(writing.at) ^ 1, writing.at);
  const isKept = now !== undefined && [sha256Of(changed), world.sha256].includes(now.sha256);
  return [
    ...(isReached ? [] : ['the child never came to this call']),
    ...held.filter(({ isTrue }) => !isTrue).map(({ id }) => `object ${id} is not what it says`),
    ...(told.includes('"done"') && held[0]?.metadata['sha256'] !== world.sha256
      ? ['it took other bytes than were ordered']
      : []),
    ...(told.includes('"done"') || isKept ? [] : [`the file is not there as it was left: ${told}`]),
  ];
}

/** The name may be in the staging directory by now: the writer has the file open all the same. */
function writeOne(world: World, handle: number, { at, hides }: Writing): void {
  const file = `/proc/self/fd/${handle}`;
  const { atime, mtime } = statSync(file);
  const byte = readFileSync(file)[at] ?? 0;
  writeSync(handle, Buffer.from([byte ^ 1]), 0, 1, at);
  if (hides) {
    utimesSync(file, atime, mtime);
  }
  if (world.content.length !== statSync(file).size) {
    throw new Error('The writer must not change the length.');
  }
}
