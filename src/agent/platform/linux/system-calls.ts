/** Calls that not every C library has a function for, by processor: asm/unistd_64.h and asm-generic/unistd.h. */
const numbers = {
  x64: { renameat2: 316, ioprioSet: 251 },
  arm64: { renameat2: 276, ioprioSet: 30 },
} as const;

export type SystemCalls = (typeof numbers)[keyof typeof numbers];

/** @throws TypeError for any other processor: another's number would be another call. */
export function systemCallsOf(architecture: string): SystemCalls {
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new TypeError(`The agent knows no system calls of ${architecture}.`);
  }
  return numbers[architecture];
}

export const systemCalls = systemCallsOf(process.arch);
