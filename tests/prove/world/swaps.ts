import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { VerbUnderProof } from './jobs.ts';
import { attacker, type World } from './world.ts';

/** What a local user does to the place of a file in the one moment that matters. Each does all that it still can. */
export interface Swap {
  readonly name: string;
  readonly verbs: readonly VerbUnderProof[];
  apply(world: World): void;
}

const taking = ['fetch', 'quarantine'] as const;
const every = ['fetch', 'quarantine', 'restore', 'purge'] as const;

export const swaps: readonly Swap[] = [
  {
    name: 'the directory becomes a link to a directory of root’s',
    verbs: every,
    apply: (world) => {
      away(world.directory);
      symlinkSync(world.secret, world.directory);
    },
  },
  {
    name: 'the directory above becomes a link',
    verbs: every,
    apply: (world) => {
      renameSync(world.user, path.join(world.base, 'user away'));
      mkdirSync(path.join(world.base, 'user away', 'copy'));
      symlinkSync(world.base, world.user);
    },
  },
  {
    name: 'the directory is replaced by another one',
    verbs: every,
    apply: (world) => {
      away(world.directory);
      mkdirSync(world.directory);
      intrude(world.file);
      chownSync(world.directory, attacker, attacker);
    },
  },
  { name: 'the directory is moved away', verbs: every, apply: (world) => away(world.directory) },
  // Not for a fetch: what has the name is what is read, and a user can make no link to a file that he may not read.
  {
    name: 'the file becomes a hard link to a file of root’s',
    verbs: ['quarantine', 'restore'],
    apply: (world) => replace(world, (file) => linkSync(path.join(world.secret, 'a'), file)),
  },
  {
    name: 'the file becomes a symbolic link to a file of root’s',
    verbs: every,
    apply: (world) => replace(world, (file) => symlinkSync(path.join(world.secret, 'a'), file)),
  },
  {
    name: 'the file becomes a link to nothing, in a directory of root’s',
    verbs: ['restore'],
    apply: (world) => replace(world, (file) => symlinkSync(path.join(world.secret, 'new'), file)),
  },
  { name: 'the file becomes a fifo', verbs: taking, apply: (world) => replace(world, makeFifo) },
  {
    name: 'another file has the name',
    verbs: ['fetch', 'quarantine', 'restore'],
    apply: (world) => replace(world, intrude),
  },
  {
    name: 'a directory with something in it has the name',
    verbs: ['quarantine', 'restore'],
    apply: (world) =>
      replace(world, (file) => {
        mkdirSync(file);
        intrude(path.join(file, 'inside'));
      }),
  },
  {
    name: 'the staging directory becomes a link',
    verbs: ['quarantine', 'restore'],
    apply: (world) => swapStage(world, (stage) => symlinkSync(world.secret, stage)),
  },
  {
    name: 'the staging directory becomes one of the attacker’s',
    verbs: ['quarantine', 'restore'],
    apply: (world) =>
      swapStage(world, (stage) => {
        mkdirSync(stage, { mode: 0o700 });
        intrude(path.join(stage, 'file'));
        chownSync(stage, attacker, attacker);
      }),
  },
];

/** What the attacker has that is not the file: it must survive too. */
const intruder = 'what somebody else keeps here\n';

function away(entry: string): void {
  if (existsSync(entry)) {
    renameSync(entry, `${entry} away`);
  }
}

function replace(world: World, make: (file: string) => void): void {
  away(world.file);
  if (existsSync(world.directory)) {
    make(world.file);
  }
}

function intrude(file: string): void {
  writeFileSync(file, intruder);
  chownSync(file, attacker, attacker);
}

function makeFifo(file: string): void {
  spawnSync('mkfifo', [file]);
}

/** The user owns the directory, so he may rename what root made in it. */
function swapStage(world: World, make: (stage: string) => void): void {
  const name = readdirSync(world.directory).find((each) => each.startsWith('.custody-'));
  if (name !== undefined) {
    const stage = path.join(world.directory, name);
    away(stage);
    make(stage);
  }
}
