import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { dataDirectory } from '../identity/data-directory.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { platformName } from '../platform/system-name.ts';
import { readStatusFile } from './status-file.ts';

/**
 * The process that holds the lock of an agent's directory, without touching the lock: a try would be in the way of an agent
 * that is just starting. /proc/locks has a line per lock, `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`.
 * @returns undefined when none does.
 */
export function runningAgent(lock: string): number | undefined {
  if (platformName() !== 'linux') {
    return lastHeard(path.dirname(lock));
  }
  const inode = statSync(lock, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) {
    return undefined;
  }
  for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === 'FLOCK' && fields[5]?.split(':')[2] === String(inode)) {
      return Number(fields[4]);
    }
  }
  return undefined;
}

/** Other systems tell nobody who holds a lock: the agent that last said something here, while a process has its number. */
function lastHeard(directory: string): number | undefined {
  const pid = readStatusFile(dataDirectory(directory).status)?.pid;
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (failure) {
    return systemErrorCode(failure) === 'EPERM';
  }
}
