import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openIndex } from '#agent/inventory/index-file.ts';
import { pause } from '../pause.ts';
import { median, spread } from '../statistics.ts';
import { type EnrolledAgent, enrolledAgent } from './agent.ts';
import { processorTime, type Use, useOf } from './process-use.ts';
import { bareWalk, makeTree } from './tree.ts';

export interface InventoryOptions {
  readonly files: number;
  readonly changes: number;
}

const megabyte = 1_000_000;
/** The agent ends its child after half a minute without work. */
const untilIdle = 45_000;
const idleSpan = 20_000;
const bareRounds = 3;
const longestWait = 600_000;

/**
 * The first scan by a real agent beside a bare walk that hashes the same files in the same run; then what agent and child
 * take once everything is known, and the time from a change to the server's knowing of it.
 */
export async function inventory({ files, changes }: InventoryOptions): Promise<string> {
  const base = await mkdtemp(path.join(tmpdir(), 'custody-bench-'));
  const root = path.join(base, 'files');
  makeTree(root, files);
  const agent = await enrolledAgent(base, root);
  try {
    const bare = Array.from({ length: bareRounds }, () => bareWalk(root));
    const pid = agent.start();
    const scan = await timeUntil(() => isComplete(agent.index));
    const scanProcessor = processorTime(pid);
    const told = await timeUntil(async () => (await agent.admin.countFiles()) === files);
    const delays = await measureChanges(agent, root, changes);
    const afterChanges = useOf(pid);
    await pause(untilIdle);
    const idle = useOf(pid);
    const before = processorTime(pid);
    await pause(idleSpan);
    const share = (processorTime(pid) - before) / idleSpan;
    return [
      `inventory of ${files} files of 1 KiB, a hundred in each directory`,
      `  bare walk and hash          ${spread(bare.map(({ clock }) => clock))}, processor ${spread(bare.map(({ processor }) => processor))}`,
      `  first scan, agent started   ${scan.toFixed(0)} ms, processor ${scanProcessor.toFixed(0)} ms`,
      `  ratio                       ${ratio(
        scan,
        bare.map(({ clock }) => clock),
      )} by the clock, ${ratio(
        scanProcessor,
        bare.map(({ processor }) => processor),
      )} in processor time`,
      `  until the server knows all  ${told.toFixed(0)} ms more`,
      `  change until known          ${spread(delays)} (goal 5000 ms or less)`,
      memory('  memory after changes      ', afterChanges),
      memory('  memory when idle          ', idle),
      `  processor when idle         ${(share * 100).toFixed(2)} % of one over ${idleSpan / 1_000} s`,
    ].join('\n');
  } finally {
    await agent.stop();
    await rm(base, { recursive: true, force: true });
  }
}

function ratio(ours: number, bare: readonly number[]): string {
  return (ours / median(bare)).toFixed(2);
}

function memory(what: string, { processes, resident, proportional }: Use): string {
  const show = (bytes: number) => `${(bytes / megabyte).toFixed(0)} MB`;
  return `${what}  ${processes} processes, ${show(proportional)} proportional (goal 120 MB or less), ${show(resident)} resident`;
}

async function measureChanges(agent: EnrolledAgent, root: string, changes: number): Promise<readonly number[]> {
  const delays: number[] = [];
  for (let number = 0; number < changes; number += 1) {
    const file = path.join(root, `d0/changed-${number}`);
    writeFileSync(file, String(number));
    delays.push(await timeUntil(async () => (await agent.admin.countFiles(file)) === 1));
  }
  return delays;
}

function isComplete(file: string): boolean {
  if (!existsSync(file)) {
    return false;
  }
  const index = openIndex(file);
  try {
    return index.complete;
  } finally {
    index.close();
  }
}

async function timeUntil(isSo: () => Promise<boolean> | boolean): Promise<number> {
  const started = performance.now();
  while (!(await isSo())) {
    if (performance.now() - started > longestWait) {
      throw new Error('The agent did not come to an end.');
    }
    await pause(20);
  }
  return performance.now() - started;
}
