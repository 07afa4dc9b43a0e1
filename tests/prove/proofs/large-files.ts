import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type Ran, runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { jobOf, type VerbUnderProof } from '../world/jobs.ts';
import { makeWorld, type World } from '../world/world.ts';

const mostMemory = 200 * 2 ** 20;

/** P13: the memory of a child does not grow with the file; a file with holes has holes again. */
export const largeFiles: Proof = {
  name: 'large-files',
  promises: ['P13'],
  run: async (context) => {
    const tally = new Tally(context, 'P13', 'memory of the child at most 200 MB for a large sparse file');
    const size = context.sample ? 300 * 2 ** 20 : 6 * 2 ** 30;
    using world = await makeWorld(context.scratch);
    const file = path.join(world.secret, 'large');
    const allocated = makeLarge(file, size);
    const sha256 = spawnSync('sha256sum', [file]).stdout.toString().slice(0, 64);
    for (const verb of ['fetch', 'quarantine', 'restore'] as const) {
      const wrongs = await tryVerb(context, world, { verb, file, sha256 });
      tally.point(`${verb} of ${size} bytes`, verb === 'restore' ? [...wrongs, ...holesLost(file, allocated)] : wrongs);
    }
    return [tally.row()];
  },
};

function makeLarge(file: string, size: number): number {
  const handle = openSync(file, 'wx');
  ftruncateSync(handle, size);
  for (let at = 0; at < size; at += 100 * 2 ** 20) {
    writeSync(handle, Buffer.alloc(1_000_000, 7), 0, 1_000_000, at);
  }
  closeSync(handle);
  spawnSync('sync', ['-f', file]);
  return statSync(file).blocks * 512;
}

function holesLost(file: string, allocated: number): readonly string[] {
  spawnSync('sync', ['-f', file]);
  const now = statSync(file).blocks * 512;
  return Math.abs(now - allocated) <= allocated * 0.01 + 64 * 1024
    ? []
    : [`${allocated} bytes were allocated, now ${now}`];
}

async function tryVerb(
  context: ProofContext,
  world: World,
  { verb, file, sha256 }: { readonly verb: VerbUnderProof; readonly file: string; readonly sha256: string },
): Promise<readonly string[]> {
  let highest = 0;
  let watch: ReturnType<typeof setInterval> | undefined;
  const started = (pid: number) => {
    watch = setInterval(() => {
      highest = Math.max(highest, peakOf(pid));
    }, 20);
  };
  const ran = await runChild(context.child, jobOf(world, verb, { path: file, sha256 }), { started, patience: 900_000 });
  clearInterval(watch);
  context.say(`P13 ${verb}: ${Math.round(highest / 2 ** 20)} MiB, ${(ran.milliseconds / 1_000).toFixed(1)} s`);
  return [...(isDone(ran) ? [] : [`it said ${JSON.stringify(ran.messages)}`]), ...tooMuch(highest)];
}

function tooMuch(highest: number): readonly string[] {
  return highest > 0 && highest <= mostMemory ? [] : [`${highest} bytes were resident`];
}

function isDone({ messages }: Ran): boolean {
  return /"done"|"captured"/.test(JSON.stringify(messages));
}

/** The most that was ever resident, in bytes; 0 when the process is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
