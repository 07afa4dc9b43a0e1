import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { run } from '../world/images.ts';
import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { portraitOf } from '../world/portrait.ts';
import { makeWorld, type World } from '../world/world.ts';

interface Special {
  readonly name: string;
  /** Makes it, and says where. */
  make(world: World): string;
}

const specials: readonly Special[] = [
  { name: 'fifo', make: (world) => made(world, (file) => run('mkfifo', [file])) },
  { name: 'character device', make: (world) => made(world, (file) => run('mknod', [file, 'c', '1', '5'])) },
  { name: 'block device', make: (world) => made(world, (file) => run('mknod', [file, 'b', '7', '99'])) },
  { name: 'socket', make: (world) => made(world, listenOnce) },
  { name: 'directory', make: (world) => made(world, (file) => mkdirSync(file)) },
  { name: 'symbolic link', make: (world) => made(world, (file) => symlinkSync(world.file, file)) },
  { name: 'file of /proc', make: () => '/proc/sys/kernel/hostname' },
  { name: 'file of /sys', make: () => '/sys/kernel/uevent_seqnum' },
];

/** P8: told apart without being opened. An open of a fifo without a writer would block, of a device could do anything. */
export const specialFiles: Proof = {
  name: 'special-files',
  promises: ['P8'],
  run: async (context) => [await tryAll(context)],
};

async function tryAll(context: ProofContext): Promise<ProofRow> {
  const tally = new Tally(context, 'P8', 'special files: refused without having been opened');
  const trials = specials.flatMap((special) => (['fetch', 'quarantine'] as const).map((verb) => ({ special, verb })));
  await sideBySide(trials, async ({ special, verb }) => {
    tally.point(`${verb} of a ${special.name}`, await trySpecial(context, special, verb));
  });
  return tally.row();
}

async function trySpecial(context: ProofContext, special: Special, verb: VerbUnderProof): Promise<readonly string[]> {
  using world = await makeWorld(context.scratch);
  const file = special.make(world);
  const before = portraitOf(world.base);
  const under = ['strace', '-qq', '-f', '-y', '-etrace=open,openat,openat2,read,pread64'];
  const { messages, trace } = await runChild(context.child, jobOf(world, verb, { path: file }), {
    under,
    patience: 20_000,
  });
  const told = JSON.stringify(messages);
  return [
    ...(told.includes('"unsupported"') && told.includes('"special_file"') ? [] : [`it said ${told}`]),
    ...trace.split('\n').filter((line) => isOpened(line, file)),
    ...(file.startsWith(world.base) && !existsSync(file) ? ['it is gone'] : []),
    ...(verb === 'quarantine' && !isSame(before, portraitOf(world.base)) ? ['something was changed'] : []),
  ];
}

/** Only what holds a place without opening it may be said of it. */
function isOpened(line: string, file: string): boolean {
  return line.includes(`<${file}>`) && !line.includes('O_PATH');
}

/** But for the lock that the vault now has. */
function isSame(before: string, after: string): boolean {
  return (
    after
      .split('\n')
      .filter((line) => !line.startsWith('vault/lock '))
      .join('\n') === before
  );
}

function made(world: World, make: (file: string) => void): string {
  const file = path.join(world.directory, 'special');
  make(file);
  return file;
}

/** A socket stays in its directory when its process has ended. */
function listenOnce(file: string): void {
  const words = [
    '-e',
    'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))',
    file,
  ];
  spawnSync(process.execPath, [...process.execArgv, ...words]);
}
