import { dlopen, read } from 'bun:ffi';
import { MacError } from './errno.ts';
import { fillers } from './variadic.ts';

/** On Intel the functions with 64-bit inodes have names of their own; Apple silicon never had others. */
const suffix = process.arch === 'x64' ? '$INODE64' : '';

const symbols = {
  mkdirat: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  unlinkat: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  renameatx_np: { args: ['i32', 'ptr', 'i32', 'ptr', 'u32'], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'u64'], returns: 'i64' },
  dup: { args: ['i32'], returns: 'i32' },
  fsync: { args: ['i32'], returns: 'i32' },
  lseek: { args: ['i32', 'i64', 'i32'], returns: 'i64' },
  futimens: { args: ['i32', 'ptr'], returns: 'i32' },
  fchflags: { args: ['i32', 'u32'], returns: 'i32' },
  getattrlistbulk: { args: ['i32', 'ptr', 'ptr', 'u64', 'u64'], returns: 'i32' },
  flistxattr: { args: ['i32', 'ptr', 'u64', 'i32'], returns: 'i64' },
  fgetxattr: { args: ['i32', 'ptr', 'ptr', 'u64', 'u32', 'i32'], returns: 'i64' },
  fsetxattr: { args: ['i32', 'ptr', 'ptr', 'u64', 'u32', 'i32'], returns: 'i32' },
  fremovexattr: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  setpriority: { args: ['i32', 'u32', 'i32'], returns: 'i32' },
  setiopolicy_np: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  proc_listpids: { args: ['u32', 'u32', 'ptr', 'i32'], returns: 'i32' },
  proc_pidinfo: { args: ['i32', 'i32', 'u64', 'ptr', 'i32'], returns: 'i32' },
  proc_pidpath: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  acl_get_fd_np: { args: ['i32', 'u32'], returns: 'u64' },
  acl_set_fd_np: { args: ['i32', 'u64', 'u32'], returns: 'i32' },
  acl_to_text: { args: ['u64', 'ptr'], returns: 'u64' },
  acl_from_text: { args: ['ptr'], returns: 'u64' },
  acl_free: { args: ['u64'], returns: 'i32' },
  dlsym: { args: ['i64', 'ptr'], returns: 'u64' },
  dispatch_get_global_queue: { args: ['i64', 'u64'], returns: 'u64' },
  dispatch_source_create: { args: ['u64', 'u64', 'u64', 'u64'], returns: 'u64' },
  dispatch_source_set_event_handler_f: { args: ['u64', 'u64'], returns: 'void' },
  dispatch_resume: { args: ['u64'], returns: 'void' },
  __error: { args: [], returns: 'ptr' },
} as const;

const library = '/usr/lib/libSystem.B.dylib';

export const libSystem = dlopen(library, symbols).symbols;

type WithStat = (handle: number, bytes: Uint8Array) => number;

const wide = dlopen(library, {
  [`fstat${suffix}`]: { args: ['i32', 'buffer'], returns: 'i32' },
  [`fstatfs${suffix}`]: { args: ['i32', 'buffer'], returns: 'i32' },
  [`fstatat${suffix}`]: { args: ['i32', 'buffer', 'buffer', 'i32'], returns: 'i32' },
  openat: {
    args: ['i32', 'buffer', 'i32', ...new Array<'i64'>(fillers(3, process.arch)).fill('i64'), 'i64'],
    returns: 'i32',
  },
  fcntl: { args: ['i32', 'i32', ...new Array<'i64'>(fillers(2, process.arch)).fill('i64'), 'buffer'], returns: 'i32' },
}).symbols;

function wideCall<Call>(name: string): Call {
  const call: unknown = wide[name];
  if (typeof call !== 'function') {
    throw new TypeError(`libSystem has no ${name}.`);
  }
  return call as Call;
}

export const fstat = wideCall<WithStat>(`fstat${suffix}`);
export const fstatfs = wideCall<WithStat>(`fstatfs${suffix}`);
export const fstatat = wideCall<(directory: number, name: Uint8Array, bytes: Uint8Array, flags: number) => number>(
  `fstatat${suffix}`,
);

const openatFillers = new Array<bigint>(fillers(3, process.arch)).fill(0n);
const fcntlFillers = new Array<bigint>(fillers(2, process.arch)).fill(0n);
const rawOpenat = wideCall<(directory: number, name: Uint8Array, flags: number, ...rest: bigint[]) => number>('openat');
const rawFcntl = wideCall<(handle: number, command: number, ...rest: (bigint | Uint8Array)[]) => number>('fcntl');

export function openat(
  place: { readonly directory: number; readonly name: Uint8Array },
  flags: number,
  mode: number,
): number {
  return checked('openat', rawOpenat(place.directory, cString(place.name), flags, ...openatFillers, BigInt(mode)));
}

/** `argument` is what the command reads or writes; a command that takes a number ignores it. */
export function fcntl(handle: number, command: number, argument: Uint8Array): number {
  return checked('fcntl', rawFcntl(handle, command, ...fcntlFillers, argument));
}

/** One per thread and constant, so it is asked for once. */
const errnoAddress = libSystem.__error();

/** Passes a call's result on, or throws what `errno` says; nothing may run in between. */
export function checked(call: string, result: number | bigint): number {
  if (result >= 0) {
    return Number(result);
  }
  throw new MacError(call, errnoAddress === null ? 0 : read.i32(errnoAddress, 0));
}

/** A name as the C library wants it. */
export function cString(bytes: Uint8Array): Uint8Array {
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}
