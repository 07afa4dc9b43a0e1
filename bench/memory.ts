import { readFile } from 'node:fs/promises';
import type { Fleet } from './fleet/fleet.ts';
import { pause } from './pause.ts';

/** The runtime gives memory back in steps, some time after it has become idle. */
const interval = 1_000;
const fewestSamples = 15;
const steadySamples = 5;
const mostSamples = 40;
/** Samples that differ by less, in bytes, are the same. */
const steadyWithin = 256 * 1_024;

/** How many of a fleet are connected before memory is looked at for the first time. */
export function warmUpAgents(agents: number): number {
  return Math.ceil(agents / 4);
}

/**
 * Connects a fleet in two parts. What the first costs includes everything that a server does for the first time; the
 * second costs what its agents cost.
 * @returns bytes per agent of the second part.
 */
export async function connectMeasured(fleet: Fleet, agents: number, server: { pid: number }): Promise<number> {
  const first = warmUpAgents(agents);
  await fleet.connect(first);
  const before = await settledMemory(server.pid);
  await fleet.connect(agents - first);
  const after = await settledMemory(server.pid);
  return (after - before) / (agents - first);
}

/** Waits until the memory has stopped moving, or long enough. */
async function settledMemory(pid: number): Promise<number> {
  const samples: number[] = [];
  while (samples.length < mostSamples) {
    await pause(interval);
    samples.push(await privateMemory(pid));
    const last = samples.slice(-steadySamples);
    if (samples.length >= fewestSamples && Math.max(...last) - Math.min(...last) < steadyWithin) {
      break;
    }
  }
  return samples.at(-1) ?? 0;
}

/** Physical memory, in bytes, that a process does not share. */
async function privateMemory(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map((match) => Number(match[1]));
  return kilobytes.reduce((sum, value) => sum + value, 0) * 1_024;
}
