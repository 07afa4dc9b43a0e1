import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { type GeneratedFile, generatedFile } from '../world/generated.ts';
import { type FileSystem, lacking, makeImage } from '../world/images.ts';
import { jobOf } from '../world/jobs.ts';
import { allocatedOf, differences, makeGenerated, metadataOf } from '../world/metadata.ts';
import { outcomesOf } from '../world/truth.ts';
import { makeWorld, sha256Of, type World } from '../world/world.ts';

/** P6: into the vault and back, compared by the system's own tools. */
export const metadata: Proof = {
  name: 'metadata',
  promises: ['P6', 'P5'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const fileSystem of context.sample
      ? (['ext4', 'tmpfs'] as const)
      : (['ext4', 'tmpfs', 'xfs', 'btrfs'] as const)) {
      rows.push(await roundTrips(context, fileSystem));
    }
    return [...rows, await strippedPrivileges(context)];
  },
};

async function roundTrips(context: ProofContext, fileSystem: FileSystem): Promise<ProofRow> {
  const tally = new Tally(context, 'P6', `metadata round trips on ${fileSystem}`);
  const numRuns = context.sample ? 16 : 400;
  const reason = lacking(fileSystem);
  if (reason !== undefined) {
    tally.skip(numRuns, reason);
    return tally.row();
  }
  using image = makeImage(context.scratch, fileSystem, 400);
  await sideBySide(fc.sample(generatedFile, { seed: context.seed, numRuns }), async (wanted) => {
    tally.point(describe(wanted), await roundTrip(context, image.mountPoint, wanted));
  });
  return tally.row();
}

function describe(wanted: GeneratedFile): string {
  return fc.stringify({ ...wanted, pieces: wanted.pieces.map(({ at, bytes }) => [at, bytes.length]) });
}

async function roundTrip(context: ProofContext, below: string, wanted: GeneratedFile): Promise<readonly string[]> {
  using world = await makeWorld(below);
  const file = path.join(rootsOwn(world), 'a');
  makeGenerated(file, wanted);
  const [before, allocated] = [metadataOf(file), allocatedOf(file)];
  const sha256 = expectedSha256(wanted);
  const taken = await runChild(context.child, jobOf(world, 'quarantine', { path: file, sha256 }));
  if (!isDone(outcomesOf(taken.messages))) {
    return [`quarantine: ${JSON.stringify(taken.messages)}`];
  }
  const back = await runChild(context.child, jobOf(world, 'restore', { sha256 }));
  if (!isDone(outcomesOf(back.messages))) {
    return [`restore: ${JSON.stringify(back.messages)}`];
  }
  const lost = differences(before, metadataOf(file));
  const listed = back.messages.flatMap((message) => (message.type === 'endings' ? message.endings : []));
  const losses = listed.flatMap((each) => each.losses);
  const isSame = sha256Of(readFileSync(file)) === sha256;
  return [
    ...lost,
    ...(lost.length > 0 && losses.length === 0 ? ['nothing of it was listed'] : []),
    ...(isSame ? [] : ['the bytes are others']),
    ...blocksLost(allocated, allocatedOf(file)),
  ];
}

function isDone(outcomes: readonly string[]): boolean {
  return outcomes.length === 1 && outcomes[0] === 'done';
}

/** Within one per cent, and a few blocks of the file system’s own bookkeeping. */
function blocksLost(before: number, after: number): readonly string[] {
  const allowed = Math.max(before * 0.01, 64 * 1024);
  return Math.abs(after - before) <= allowed ? [] : [`${before} bytes were allocated, and now ${after} are`];
}

/** The bytes as they were meant, so that the file need not be read, which would move its times. */
function expectedSha256({ size, pieces }: GeneratedFile): string {
  const content = Buffer.alloc(size);
  for (const { at, bytes } of pieces) {
    content.set(bytes, at);
  }
  return sha256Of(content);
}

function rootsOwn(world: World): string {
  const directory = path.join(world.base, 'own');
  mkdirSync(directory, { mode: 0o755 });
  return directory;
}

/** P5: where somebody else could have arranged the way, privileges do not come back, and that is said. */
async function strippedPrivileges(context: ProofContext): Promise<ProofRow> {
  const tally = new Tally(context, 'P5', 'setuid, setgid and capabilities into an unsafe parent');
  for (const [name, arrange] of Object.entries(unsafeParents)) {
    using world = await makeWorld(context.scratch);
    const file = path.join(rootsOwn(world), 'a');
    const wanted = fc.sample(generatedFile, { seed: context.seed, numRuns: 1 })[0];
    if (wanted !== undefined) {
      makeGenerated(file, { ...wanted, mode: 0o6755, uid: 0, gid: 0, attributes: [privilege], flags: '' });
      const sha256 = expectedSha256(wanted);
      await runChild(context.child, jobOf(world, 'quarantine', { path: file, sha256 }));
      arrange(path.dirname(file));
      const { messages } = await runChild(context.child, jobOf(world, 'restore', { sha256 }));
      tally.point(name, privilegesIn(file, JSON.stringify(messages)));
    }
  }
  return tally.row();
}

/** cap_net_raw+ep. */
const privilege = {
  name: 'security.capability',
  value: new Uint8Array(new Uint32Array([0x02000001, 0x2000, 0, 0, 0]).buffer),
};

const unsafeParents: Readonly<Record<string, (directory: string) => void>> = {
  'the parent is somebody else’s': (directory) => chownSync(directory, 65_534, 65_534),
  'the parent is writable by all': (directory) => chmodSync(directory, 0o777),
};

/** A restore may also refuse such a parent; it must not give the privilege. */
function privilegesIn(file: string, told: string): readonly string[] {
  const isBack = told.includes('"done"');
  if (!isBack) {
    return /parent_changed|unsafe_path/.test(told) ? [] : [`restore: ${told}`];
  }
  const found = metadataOf(file);
  const isPrivileged = Number.parseInt(found.get('mode') ?? '7777', 8) >= 0o2000 || found.has('security.capability');
  return [
    ...(isPrivileged ? ['the privilege is back'] : []),
    ...(/capabilit/.test(told) && /mode/.test(told) ? [] : [`what was left out was not said: ${told}`]),
  ];
}
