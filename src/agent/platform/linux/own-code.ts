import { readFileSync } from 'node:fs';
import { checked, libc } from './libc.ts';

/** From <sys/mman.h>. */
const MADV_DONTNEED = 4;

/**
 * Lets go of the pages of this program's own code, most of which were needed to start and never again. The kernel brings
 * back, from its cache or the file, what is used. Only mappings that cannot be written and in which nothing was ever changed:
 * there is nothing in them that the file does not have.
 */
export function letGoOfOwnCode(): void {
  for (const { start, length } of unchangedMappings(readFileSync('/proc/self/smaps', 'utf8'), process.execPath)) {
    checked('madvise', libc.madvise(start, length, MADV_DONTNEED));
  }
}

interface Mapping {
  readonly start: bigint;
  readonly length: bigint;
}

/** What proc_pid_smaps(5) says: a line for each mapping, and below it what is in it. */
export function unchangedMappings(smaps: string, program: string): readonly Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((text) => {
    const [, from = '', to = '', flags = '', file = ''] = head.exec(text) ?? [];
    // What was changed in a private mapping is anonymous from then on.
    const isUnchanged = /^Anonymous: +0 kB$/m.test(text);
    if (file !== program || flags.includes('w') || !isUnchanged) {
      return [];
    }
    const start = BigInt(`0x${from}`);
    return [{ start, length: BigInt(`0x${to}`) - start }];
  });
}

const head = /^([0-9a-f]+)-([0-9a-f]+) ([rwxps-]{4}) [0-9a-f]+ [0-9a-f:]+ \d+ +(.*)$/m;
