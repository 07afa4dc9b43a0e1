import { readFile } from 'node:fs/promises';
import type { Fleet } from './fleet/fleet.ts';
import { pause } from './pause.ts';

/** The runtime gives memory back some time after it has become idle. */
const settle = 4_000;

/**
 * Connects a fleet in two halves. What the first costs includes everything that a server does for the first time; the
 * second costs what an agent costs.
 * @returns bytes per agent of the second half.
 */
export async function connectInHalves(fleet: Fleet, agents: number, server: { pid: number }): Promise<number> {
  const first = Math.ceil(agents / 2);
  await fleet.connect(first);
  const before = await settledMemory(server.pid);
  await fleet.connect(agents - first);
  const after = await settledMemory(server.pid);
  return (after - before) / (agents - first);
}

async function settledMemory(pid: number): Promise<number> {
  await pause(settle);
  return privateMemory(pid);
}

/** Physical memory, in bytes, that a process does not share. */
async function privateMemory(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map((match) => Number(match[1]));
  return kilobytes.reduce((sum, value) => sum + value, 0) * 1_024;
}
