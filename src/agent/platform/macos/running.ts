import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import { mostProcesses, type RunningProcess } from '#core/outcome-details.ts';
import type { NodeFacts } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { libSystem } from './libsystem.ts';
import { allPids, bsdInfo, bsdInfoBytes, longestPath, readProcess } from './process-info.ts';

const mostPids = 65_536;

export function processesRunning(facts: Pick<NodeFacts, 'device' | 'inode'>): readonly RunningProcess[] {
  const wanted = `${facts.device}:${facts.inode}`;
  return processIds()
    .filter((pid) => programOf(pid) === wanted)
    .slice(0, mostProcesses)
    .flatMap(describe);
}

/** Every file that a process runs as its program. */
export function runningPrograms(): ReadonlySet<string> {
  return new Set(processIds().flatMap((pid) => programOf(pid) ?? []));
}

function processIds(): readonly number[] {
  const pids = new Int32Array(mostPids);
  const bytes = libSystem.proc_listpids(allPids, 0, ptr(pids), pids.byteLength);
  return [...pids.subarray(0, Math.max(0, bytes) / 4)].filter((pid) => pid > 0);
}

/** The kernel names a program by where it is now. A process that ended meanwhile runs nothing. */
function programOf(pid: number): string | undefined {
  const path = Buffer.alloc(longestPath);
  const length = libSystem.proc_pidpath(pid, ptr(path), path.length);
  if (length <= 0) {
    return undefined;
  }
  try {
    const stats = fs.lstatSync(path.subarray(0, length), { bigint: true });
    return `${stats.dev}:${stats.ino}`;
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return undefined;
  }
}

function describe(pid: number): readonly RunningProcess[] {
  const bytes = new Uint8Array(bsdInfoBytes);
  const length = libSystem.proc_pidinfo(pid, bsdInfo, 0, ptr(bytes), bytes.length);
  return length === bsdInfoBytes ? [readProcess(bytes)] : [];
}
