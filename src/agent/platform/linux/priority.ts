import { readdirSync } from 'node:fs';
import os from 'node:os';
import { systemErrorCode } from '../system-error.ts';
import { checked, libc } from './libc.ts';
import { systemCalls } from './system-calls.ts';

/** IOPRIO_WHO_PROCESS, and the idle class in the upper bits. */
const idlePriority = { who: 1, value: 3 << 13 } as const;
const lowest = 19;

/**
 * Both priorities belong to threads on Linux, and new threads inherit them: every thread that the runtime has started by
 * now is lowered, and the ones that it starts later follow.
 */
export function yieldToOthers(): void {
  for (const thread of readdirSync('/proc/self/task').map(Number)) {
    try {
      os.setPriority(thread, lowest);
      checked('ioprio_set', libc.syscall(systemCalls.ioprioSet, idlePriority.who, thread, idlePriority.value, 0, 0));
    } catch (failure) {
      if (systemErrorCode(failure) !== 'ESRCH' && systemErrorCode(failure) !== 'ERR_SYSTEM_ERROR') {
        throw failure;
      }
    }
  }
}
