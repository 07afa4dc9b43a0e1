import { type Command, type JobFrame, type Ran, runChild } from './run.ts';

/** One system call of a child's main thread: the `ordinal`-th of its name since the program began, from 1. */
export interface CallPoint {
  readonly call: string;
  readonly ordinal: number;
  /** The call as strace shows it in the run that found it. */
  readonly line: string;
}

/** Calls that take a path, or a name in an open directory. */
export const pathCalls = [
  ...[
    'open',
    'openat',
    'openat2',
    'creat',
    'access',
    'faccessat',
    'faccessat2',
    'stat',
    'lstat',
    'newfstatat',
    'statx',
  ],
  ...['statfs', 'readlink', 'readlinkat', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat'],
  ...[
    'symlink',
    'symlinkat',
    'mkdir',
    'mkdirat',
    'rmdir',
    'chmod',
    'fchmodat',
    'chown',
    'lchown',
    'fchownat',
    'truncate',
  ],
  ...['utimensat', 'mknod', 'mknodat', 'setxattr', 'lsetxattr', 'getxattr', 'lgetxattr', 'copy_file_range'],
];

/** Calls that change something on disk, or make a change durable. */
export const changingCalls = [
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'ftruncate', 'fallocate', 'fsync', 'fdatasync', 'sync'],
  ...['fchmod', 'fchown', 'chmod', 'chown', 'fsetxattr', 'utimensat', 'copy_file_range'],
];

/** Not every machine has every call: a leading `?` makes strace pass over those that it does not know. */
function named(calls: readonly string[]): string {
  return calls.map((call) => `?${call}`).join(',');
}

/** Runs a job once to its end and lists the calls of its main thread that were asked for, in order. */
export async function listCalls(program: Command, job: JobFrame, calls: readonly string[]): Promise<Listed> {
  const ran = await runChild(program, job, { under: ['strace', '-qq', '-y', '-s', '0', `-etrace=${named(calls)}`] });
  return { ran, points: pointsIn(ran.trace) };
}

export interface Listed {
  readonly ran: Ran;
  readonly points: readonly CallPoint[];
}

function pointsIn(trace: string): readonly CallPoint[] {
  const counts = new Map<string, number>();
  return trace.split('\n').flatMap((line) => {
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call === undefined) {
      return [];
    }
    const ordinal = (counts.get(call) ?? 0) + 1;
    counts.set(call, ordinal);
    return [{ call, ordinal, line }];
  });
}

/** How strace is to meddle with one call: `signal=KILL`, `signal=STOP`, `error=ENOSPC`. */
export function meddling({ call, ordinal }: Omit<CallPoint, 'line'>, how: string): readonly string[] {
  return ['strace', '-qq', '-y', '-s', '0', `-etrace=${call}`, `-einject=${call}:${how}:when=${ordinal}`];
}
