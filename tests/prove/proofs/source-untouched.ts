import { linkSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { generatedFile } from '../world/generated.ts';
import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { makeGenerated } from '../world/metadata.ts';
import { makeWorld, sha256Of, type World } from '../world/world.ts';

/** Calls that would change a file itself, rather than a name of it. */
const mutating = [
  ...['open', 'openat', 'openat2', 'creat', 'truncate', 'ftruncate', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown'],
  ...[
    'lchown',
    'fchownat',
    'setxattr',
    'fsetxattr',
    'lsetxattr',
    'removexattr',
    'fremovexattr',
    'utimensat',
    'futimesat',
  ],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'fallocate', 'ioctl', 'copy_file_range', 'sendfile'],
];

/** P15: nothing that changes a file is ever called on the source, on whatever thread; only its names are moved. */
export const sourceUntouched: Proof = {
  name: 'source-untouched',
  promises: ['P15'],
  run: async (context) => {
    const tally = new Tally(context, 'P15', 'no write, truncate, chmod, setxattr... on the source inode');
    const wanted = fc.sample(generatedFile, { seed: context.seed, numRuns: context.sample ? 4 : 100 });
    const trials = wanted.flatMap((each) => (['fetch', 'quarantine'] as const).map((verb) => ({ each, verb })));
    await sideBySide(trials, async ({ each, verb }) => {
      using world = await makeWorld(context.scratch);
      const file = path.join(world.secret, 'source');
      makeGenerated(file, each);
      tally.point(`${verb} of ${fc.stringify(each)}`, await changesIn(context, world, { verb, file }));
    });
    return [tally.row()];
  },
};

async function changesIn(
  context: ProofContext,
  world: World,
  { verb, file }: { readonly verb: VerbUnderProof; readonly file: string },
): Promise<readonly string[]> {
  const witness = path.join(world.base, 'user', 'witness');
  linkSync(file, witness);
  const before = statSync(witness, { bigint: true });
  const sha256 = sha256Of(readFileSync(witness));
  const under = ['strace', '-qq', '-f', '-y', '-s', '0', `-etrace=${mutating.map((call) => `?${call}`).join(',')}`];
  const { messages, trace } = await runChild(context.child, jobOf(world, verb, { path: file, sha256 }), { under });
  const after = statSync(witness, { bigint: true });
  const told = JSON.stringify(messages);
  const isSame = after.mtimeNs === before.mtimeNs && after.mode === before.mode && after.size === before.size;
  return [
    ...(/"done"|"captured"/.test(told) ? [] : [`it said ${told}`]),
    ...trace.split('\n').filter((line) => changes(line, file)),
    ...(isSame && after.uid === before.uid && after.gid === before.gid ? [] : ['the source was changed']),
  ];
}

/** The source under its own name, or in the staging directory where it waits for the commit. */
function changes(line: string, file: string): boolean {
  const names = [`<${file}>`, `"${file}"`, '/file>'];
  const isSource = names.some((name) => line.includes(name)) && !line.includes('.custody-return-');
  const isReading = /(O_RDONLY|O_PATH)/.test(line) && !/O_(WRONLY|RDWR|TRUNC|APPEND|CREAT)/.test(line);
  return isSource && !isReading && !/ioctl\(.*(GETFLAGS|FIEMAP|FSGETXATTR|TCGETS)/.test(line);
}
