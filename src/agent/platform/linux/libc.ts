import { dlopen, read } from 'bun:ffi';
import { SystemError } from '../system-error.ts';

const symbols = {
  openat: { args: ['i32', 'ptr', 'i32', 'i32'], returns: 'i32' },
  mkdirat: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  unlinkat: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  linkat: { args: ['i32', 'ptr', 'i32', 'ptr', 'i32'], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'u64'], returns: 'i64' },
  syscall: { args: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64'], returns: 'i64' },
  futimens: { args: ['i32', 'ptr'], returns: 'i32' },
  flistxattr: { args: ['i32', 'ptr', 'u64'], returns: 'i64' },
  fgetxattr: { args: ['i32', 'ptr', 'ptr', 'u64'], returns: 'i64' },
  fsetxattr: { args: ['i32', 'ptr', 'ptr', 'u64', 'i32'], returns: 'i32' },
  fremovexattr: { args: ['i32', 'ptr'], returns: 'i32' },
  lseek: { args: ['i32', 'i64', 'i32'], returns: 'i64' },
  ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'i64'], returns: 'i32' },
  inotify_init1: { args: ['i32'], returns: 'i32' },
  inotify_add_watch: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  inotify_rm_watch: { args: ['i32', 'i32'], returns: 'i32' },
  prctl: { args: ['i32', 'u64', 'u64', 'u64', 'u64'], returns: 'i32' },
  madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  sync: { args: [], returns: 'void' },
  __errno_location: { args: [], returns: 'ptr' },
} as const;

/** glibc's name first, then musl's. */
const libraryNames = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, 'libc.so'];

function open() {
  const failures: unknown[] = [];
  for (const name of libraryNames) {
    try {
      return dlopen(name, symbols).symbols;
    } catch (failure) {
      failures.push(failure);
    }
  }
  throw new AggregateError(failures, 'No C library could be opened.');
}

export const libc = open();

/** One per thread and constant, so it is asked for once. */
const errnoAddress = libc.__errno_location();

/** Passes a call's result on, or throws what the C library's `errno` says; nothing may run in between. */
export function checked(call: string, result: number | bigint): number {
  if (result >= 0) {
    return Number(result);
  }
  throw new SystemError(call, errnoAddress === null ? 0 : read.i32(errnoAddress, 0));
}

/** A name as the C library wants it. */
export function cString(bytes: Uint8Array): Uint8Array {
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}
