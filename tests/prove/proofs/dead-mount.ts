import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { jobSchema } from '#agent/child/job.ts';
import { runJob } from '#agent/child/run-job.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import type { Command } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';

import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { makeWorld, type World } from '../world/world.ts';

/** How long a child may show no progress; the product's own is 60 s. */
const patience = 1_500;
/** The child may have shown progress once, before it came to the dead place. */
const mostLate = 1_000;

/** P10: a file system whose server is stopped. The work on it ends at its deadline, and all other work goes on. */
export const deadMount: Proof = {
  name: 'dead-mount',
  promises: ['P10'],
  run: async (context) => {
    const tally = new Tally(context, 'P10', 'FUSE server stopped: the task ends at its deadline, others go on');
    if (spawnSync('bindfs', ['--version']).error !== undefined || !existsSync('/dev/fuse')) {
      tally.skip(2, 'needs bindfs and /dev/fuse');
      return [tally.row()];
    }
    for (const verb of ['fetch', 'quarantine'] as const) {
      tally.point(verb, await tryVerb(context, verb));
    }
    return [tally.row()];
  },
};

async function tryVerb(context: ProofContext, verb: VerbUnderProof): Promise<readonly string[]> {
  using world = await makeWorld(context.scratch);
  const mountPoint = path.join(world.base, 'dead');
  mkdirSync(mountPoint);
  const server = spawn('bindfs', ['-f', world.directory, mountPoint], { stdio: 'ignore' });
  try {
    await until(() => existsSync(path.join(mountPoint, 'a')));
    server.kill('SIGSTOP');
    return await both(context, { world, verb, file: path.join(mountPoint, 'b') });
  } finally {
    server.kill('SIGKILL');
    await ended(server);
    spawnSync('umount', ['-l', mountPoint]);
  }
}

async function both(
  context: ProofContext,
  { world, verb, file }: { readonly world: World; readonly verb: VerbUnderProof; readonly file: string },
): Promise<readonly string[]> {
  const silent = timed(perform(['sleep', '600'], jobOf(world, verb)));
  const dead = timed(perform(context.child, jobOf(world, verb, { path: file })));
  const others = await goOn(context);
  const [deadline, ended] = [await silent, await dead];
  const late = ended.at - deadline.at;
  return [
    ...(ended.said.includes('"stalled"') ? [] : [`the dead one ended with ${ended.said}`]),
    ...(late < mostLate ? [] : [`it ended ${Math.round(late)} ms after its deadline`]),
    ...others.map((each) => `another one ended with ${each}`),
  ];
}

/** Every other kind of work, while the dead one is waited for. */
async function goOn(context: ProofContext): Promise<readonly string[]> {
  using healthy = await makeWorld(context.scratch);
  const said: string[] = [];
  for (const verb of ['fetch', 'quarantine', 'restore', 'quarantine', 'purge'] as const) {
    said.push(await perform(context.child, jobOf(healthy, verb), 20_000));
  }
  return said.filter((each) => !/"done"|"captured"/.test(each));
}

/** When it ended, beside a child that never says a word: that one ends at the deadline, on however busy a machine. */
async function timed(work: Promise<string>): Promise<{ readonly said: string; readonly at: number }> {
  const said = await work;
  return { said, at: performance.now() };
}

async function perform(command: Command, job: unknown, longest = patience): Promise<string> {
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const options = { command, clock: systemClock, log, patience: longest };
  return JSON.stringify(await runJob(options, jobSchema.parse(job), new AbortController().signal));
}

function nothing(): void {
  return undefined;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (!isSo()) {
    throw new Error('bindfs did not mount.');
  }
}

async function ended(server: ChildProcess): Promise<void> {
  await new Promise((resolve) => {
    server.once('close', resolve);
    if (server.exitCode !== null || server.signalCode !== null) {
      resolve(undefined);
    }
  });
}
