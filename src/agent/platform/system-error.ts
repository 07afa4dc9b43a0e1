import os from 'node:os';

/** Where two names share a number the first counts, as in `node:fs`: EAGAIN, not EWOULDBLOCK; ENOTSUP, not EOPNOTSUPP. */
const names = new Map(
  Object.entries(os.constants.errno)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** A system call that failed, in the shape of `node:fs` errors, so that both are read the same way. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = names.get(errno) ?? `errno ${errno}`;
    super(`${call} failed: ${code}`);
    this.code = code;
  }
}

/** The name of the failed system call's error (`ENOENT`, ...); undefined when the thrown thing is something else. */
export function systemErrorCode(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown.code;
  }
  return undefined;
}
