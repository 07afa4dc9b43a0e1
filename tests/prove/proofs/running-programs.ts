import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runChild } from '../child/run.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { jobOf } from '../world/jobs.ts';
import { makeWorld, sha256Of } from '../world/world.ts';

/** P12: a program that runs is taken, goes on running, and its processes are told. */
export const runningPrograms: Proof = {
  name: 'running-programs',
  promises: ['P12'],
  run: async (context) => {
    const tally = new Tally(context, 'P12', 'quarantine of a running executable tells its processes');
    for (const count of context.sample ? [1, 3] : [1, 2, 3, 10, 40]) {
      tally.point(`${count} processes`, await tryProcesses(context, count));
    }
    return [tally.row()];
  },
};

async function tryProcesses(context: ProofContext, count: number): Promise<readonly string[]> {
  using world = await makeWorld(context.scratch);
  const program = path.join(world.directory, 'program');
  copyFileSync('/bin/sleep', program);
  const sha256 = sha256Of(readFileSync(program));
  const processes = Array.from({ length: count }, () => spawn(program, ['600'], { stdio: 'ignore' }));
  try {
    const taken = await runChild(context.child, jobOf(world, 'quarantine', { path: program, sha256 }));
    const endings = taken.messages.flatMap((message) => (message.type === 'endings' ? message.endings : []));
    const told = JSON.stringify(endings.map(({ outcome, details }) => [outcome, details]));
    const pids = endings.flatMap(({ details }) => details?.running ?? []).map(({ pid }) => pid);
    const isAll = processes.every(({ pid }) => pids.includes(pid ?? -1)) && pids.length === count;
    return [
      ...(endings[0]?.outcome === 'done' && !existsSync(program) ? [] : [`not taken: ${told}`]),
      ...(isAll ? [] : [`it told ${told} of ${processes.map(({ pid }) => pid)}`]),
      ...(processes.every(isAlive) ? [] : ['a process was ended']),
    ];
  } finally {
    for (const each of processes) {
      each.kill('SIGKILL');
    }
  }
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
