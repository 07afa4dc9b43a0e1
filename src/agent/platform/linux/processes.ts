import fs from 'node:fs';
import { mostProcesses, type RunningProcess } from '#core/outcome-details.ts';
import type { NodeFacts } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { programNode } from './program-node.ts';

/** USER_HZ, in which /proc tells times on x64 and arm64 (proc(5), sysconf(_SC_CLK_TCK)). */
const ticksPerSecond = 100;
/** Its place behind the command in /proc/<pid>/stat, which may hold anything up to the last parenthesis. */
const startTimeField = 19;

/**
 * The processes whose program is this very inode, deleted or not (promise P12). The start time is read on both sides of the
 * look at the program, because pids are used again.
 */
export function processesRunning(facts: Pick<NodeFacts, 'device' | 'inode'>): readonly RunningProcess[] {
  const bootedAt = bootTime();
  const found: RunningProcess[] = [];
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !runs(pid, facts)) {
      continue;
    }
    const ticks = startTicks(pid);
    if (ticks !== undefined && runs(pid, facts) && startTicks(pid) === ticks) {
      found.push({ pid, startedAt: bootedAt + Math.round((ticks * 1_000) / ticksPerSecond) });
    }
    if (found.length === mostProcesses) {
      break;
    }
  }
  return found;
}

function runs(pid: number, { device, inode }: Pick<NodeFacts, 'device' | 'inode'>): boolean {
  const program = programNode(pid);
  return program !== undefined && program.inode === inode && program.device === device;
}

function startTicks(pid: number): number | undefined {
  const text = unlessGone(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const field = text?.slice(text.lastIndexOf(')') + 2).split(' ')[startTimeField];
  return field === undefined ? undefined : Number(field);
}

/** Milliseconds since 1970. */
function bootTime(): number {
  const seconds = /^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'latin1'))?.[1];
  return Number(seconds ?? 0) * 1_000;
}

/** A process may end at any time, kernel threads have no program, and others' may be hidden. */
function unlessGone<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (failure) {
    if (systemErrorCode(failure) === undefined) {
      throw failure;
    }
    return undefined;
  }
}
