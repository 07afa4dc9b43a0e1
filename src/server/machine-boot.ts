import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { type Milliseconds, second } from '#core/time.ts';

/** One running of the machine, from its start to its end. */
export interface Boot {
  /** Another one after each start; undefined where the system does not say. */
  readonly id: string | undefined;
  /** Since the start, with the time that the machine slept; to a second. Nobody can set it. */
  uptime(): Milliseconds;
}

const idFile = '/proc/sys/kernel/random/boot_id';

export function machineBoot(): Boot {
  return { id: readId(), uptime: () => uptime() * second };
}

function readId(): string | undefined {
  try {
    return readFileSync(idFile, 'utf8').trim();
  } catch {
    // Another system than Linux: each start of the server is as one of the machine.
    return undefined;
  }
}
