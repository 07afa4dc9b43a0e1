import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { type Image, lacking, makeImage, run } from '../world/images.ts';
import { jobOf } from '../world/jobs.ts';
import { untrueIn, whereabouts } from '../world/truth.ts';
import { recordStates } from '../world/vault.ts';
import { makeWorld, type World } from '../world/world.ts';

interface Situation {
  readonly name: string;
  readonly verb: 'quarantine' | 'restore';
  /** Makes it so, after the file was taken in case of a restore; what it returns undoes it. */
  arrange(world: World, image: Image): () => void;
  /** What must be said: an outcome and a reason. */
  readonly ends: readonly [string, string | null];
}

const nothing = () => undefined;

const situations: readonly Situation[] = [
  { name: 'an immutable file', verb: 'quarantine', arrange: flagged('i'), ends: ['access_denied', 'immutable'] },
  { name: 'an append-only file', verb: 'quarantine', arrange: flagged('a'), ends: ['access_denied', 'immutable'] },
  {
    name: 'a file in an immutable directory',
    verb: 'quarantine',
    arrange: flaggedDirectory,
    ends: ['access_denied', null],
  },
  {
    name: 'a file system that is read-only',
    verb: 'quarantine',
    arrange: readOnly,
    ends: ['access_denied', 'read_only'],
  },
  { name: 'a vault without space', verb: 'quarantine', arrange: vaultOn(40), ends: ['no_space', null] },
  { name: 'a vault on another file system', verb: 'quarantine', arrange: vaultOn(200), ends: ['done', null] },
  { name: 'a file system without space for anything', verb: 'quarantine', arrange: filled, ends: ['no_space', null] },
  { name: 'an overlay', verb: 'quarantine', arrange: overlaid, ends: ['done', null] },
  { name: 'a file system that is read-only', verb: 'restore', arrange: readOnly, ends: ['access_denied', 'read_only'] },
  { name: 'a file system without space', verb: 'restore', arrange: filled, ends: ['no_space', null] },
  { name: 'an immutable directory', verb: 'restore', arrange: flaggedDirectory, ends: ['access_denied', null] },
  { name: 'a name that is taken', verb: 'restore', arrange: occupied, ends: ['conflict', 'occupied'] },
];

/** P11, P4: each has its named end, the file stays where it is, and nothing is left half done. */
export const disks: Proof = {
  name: 'disks',
  promises: ['P11', 'P4'],
  run: async (context) => {
    const tally = new Tally(context, 'P11, P4', 'immutable, read-only, full, overlay, other device, occupied');
    const reason = lacking('ext4');
    if (reason !== undefined) {
      tally.skip(situations.length, reason);
      return [tally.row()];
    }
    for (const situation of situations) {
      tally.point(`${situation.verb}: ${situation.name}`, await trySituation(context, situation));
    }
    return [tally.row()];
  },
};

async function trySituation(context: ProofContext, { verb, arrange, ends }: Situation): Promise<readonly string[]> {
  using image = makeImage(context.scratch, 'ext4', 200);
  using made = await makeWorld(image.mountPoint);
  const vault = path.join(context.scratch, path.basename(image.mountPoint), '..', `vault-${path.basename(made.base)}`);
  mkdirSync(vault, { mode: 0o700 });
  const world: World = { ...made, vault };
  if (verb === 'restore') {
    await runChild(context.child, jobOf(world, 'quarantine'));
  }
  const undo = arrange(world, image);
  try {
    const { messages } = await runChild(context.child, jobOf(world, verb));
    const [ending] = messages.flatMap((message) => (message.type === 'endings' ? message.endings : []));
    const isNamed = ending?.outcome === ends[0] && (ends[1] === null || ending.reason === ends[1]);
    return [
      ...(isNamed ? [] : [`it said ${JSON.stringify(messages)}`]),
      ...(await leftWrong(world, verb, ends[0] === 'done')),
    ];
  } finally {
    undo();
  }
}

async function leftWrong(world: World, verb: 'quarantine' | 'restore', isDone: boolean): Promise<readonly string[]> {
  const isInVault = isDone === (verb === 'quarantine');
  if (existsSync(world.file) && readFileSync(world.file, 'latin1') === 'somebody else’s') {
    return recordStates(world.vault).includes('held') ? [] : ['the vault does not hold the file any more'];
  }
  const found = await whereabouts(world);
  return [...(found.place === !isInVault ? [] : [`the file is in place: ${found.place}`]), ...untrueIn(found, verb)];
}

function flagged(letter: string) {
  return ({ file }: World) => {
    run('chattr', [`+${letter}`, file]);
    return () => void run('chattr', [`-${letter}`, file]);
  };
}

function flaggedDirectory({ directory }: World) {
  run('chattr', ['+i', directory]);
  return () => void run('chattr', ['-i', directory]);
}

function readOnly(_: World, { mountPoint }: Image) {
  run('mount', ['-o', 'remount,ro', mountPoint]);
  return () => void run('mount', ['-o', 'remount,rw', mountPoint]);
}

function vaultOn(mebibytes: number) {
  return ({ vault }: World) => {
    run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', vault]);
    return () => void run('umount', ['-l', vault]);
  };
}

/** Every inode, then every block: not even a directory can be made. */
function filled({ base }: World, { mountPoint }: Image) {
  const { ffree } = statfsSync(mountPoint);
  const inodes = path.join(base, 'inodes');
  mkdirSync(inodes);
  writeFileSync(path.join(base, 'filling'), '');
  for (let index = 2; index < ffree; index += 1) {
    writeFileSync(path.join(inodes, String(index)), '');
  }
  spawnSync('dd', ['if=/dev/zero', `of=${base}/filling`, 'bs=1M']);
  return nothing;
}

/** The file is in the lower directory. */
function overlaid({ directory, base }: World) {
  const [upper, work] = [path.join(base, 'upper'), path.join(base, 'work')];
  mkdirSync(upper);
  mkdirSync(work);
  run('mount', [
    '-t',
    'overlay',
    '-o',
    `lowerdir=${directory},upperdir=${upper},workdir=${work}`,
    'overlay',
    directory,
  ]);
  return () => void run('umount', ['-l', directory]);
}

function occupied({ file }: World) {
  writeFileSync(file, 'somebody else’s');
  return nothing;
}
