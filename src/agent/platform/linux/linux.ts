import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import { takesFiles } from '#core/endpoint/platform.ts';
import type { Handle, LockOptions, Place, Platform } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { toTimespec } from '../timespec.ts';
import { readAttributes, removeAttribute, writeAttribute } from './attributes.ts';
import { isSystemCritical } from './critical.ts';
import { dataRanges } from './data-ranges.ts';
import { fileFlags, isImmutable, setFileFlags } from './flags.ts';
import { inotify } from './inotify.ts';
import { checked, cString, libc } from './libc.ts';
import { handleFacts, openAt, openDirectoryAt, openPinned, pinAt } from './node.ts';
import { openDirectoryPath, openParent } from './open-parent.ts';
import { packageOf, packageRecords } from './package-of.ts';
import { yieldToOthers } from './priority.ts';
import { processesRunning } from './processes.ts';
import { runningPrograms } from './running-programs.ts';
import { systemCalls } from './system-calls.ts';

const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = fs.constants;
const AT_REMOVEDIR = 0x200;
const RENAME_NOREPLACE = 1;
/** From linux/magic.h: proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, bpf, devpts, configfs, pstore. */
const pseudoTypes: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x1cd1, 0x62656570,
  0x6165676c,
]);
const LOCK_EX = 2;
const LOCK_NB = 4;
const F_WRLCK = 1;
const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const PR_SET_PDEATHSIG = 1n;
const SIGKILL = 9n;

export const linux: Platform = {
  takesFiles: takesFiles.linux,
  openParent,
  openDirectoryPath,
  pin: pinAt,
  facts: handleFacts,
  openPinned,
  openDirectory: openDirectoryAt,
  createFile: (place) => openAt(place, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600),
  createDirectory,
  move,
  remove: (place) => unlink(place, 0),
  removeDirectory: (place) => unlink(place, AT_REMOVEDIR),
  names: (directory) => fs.readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' }),
  syncDirectory,
  setTimes,
  attributes: readAttributes,
  setAttribute: writeAttribute,
  removeAttribute,
  dataRanges,
  isImmutable,
  isPseudo: (handle) => pseudoTypes.has(fs.statfsSync(`/proc/self/fd/${handle}`).type >>> 0),
  freeBytes,
  fileFlags,
  setFileFlags,
  pathOf: (directory) => fs.readlinkSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' }),
  processesRunning,
  runningPrograms,
  packageOf,
  packageRecords: () => packageRecords(),
  close: (handle) => fs.closeSync(handle),
  lock,
  dieWithParent: () => void checked('prctl', libc.prctl(Number(PR_SET_PDEATHSIG), SIGKILL, 0n, 0n, 0n)),
  yieldToOthers,
  watch: inotify,
  isSystemCritical,
};

function createDirectory(place: Place): void {
  const name = cString(place.name);
  checked('mkdirat', libc.mkdirat(place.directory, ptr(name), 0o700));
}

function unlink(place: Place, flags: number): void {
  const name = cString(place.name);
  checked('unlinkat', libc.unlinkat(place.directory, ptr(name), flags));
}

function move(from: Place, to: Place): void {
  const [source, target] = [cString(from.name), cString(to.name)];
  try {
    checked(
      'renameat2',
      libc.syscall(systemCalls.renameat2, from.directory, ptr(source), to.directory, ptr(target), RENAME_NOREPLACE),
    );
  } catch (failure) {
    if (systemErrorCode(failure) !== 'EINVAL' && systemErrorCode(failure) !== 'ENOSYS') {
      throw failure;
    }
    moveByLink(from, to);
  }
}

/** For file systems without RENAME_NOREPLACE: link(2) never replaces either. */
function moveByLink(from: Place, to: Place): void {
  const [source, target] = [cString(from.name), cString(to.name)];
  checked('linkat', libc.linkat(from.directory, ptr(source), to.directory, ptr(target), 0));
  unlink(from, 0);
}

function syncDirectory(directory: Handle): void {
  const dot = Buffer.from('.');
  let readable: Handle;
  try {
    readable = openDirectoryAt({ directory, name: dot });
  } catch (failure) {
    if (systemErrorCode(failure) !== 'EACCES') {
      throw failure;
    }
    libc.sync();
    return;
  }
  try {
    fs.fsyncSync(readable);
  } finally {
    fs.closeSync(readable);
  }
}

function setTimes(file: Handle, times: { readonly accessedNs: bigint; readonly modifiedNs: bigint }): void {
  const pair = new BigInt64Array([times.accessedNs, times.modifiedNs].flatMap(toTimespec));
  checked('futimens', libc.futimens(file, ptr(pair)));
}

/** A file system that tells no size at all, like ramfs and some in user space, is not taken for a full one. */
function freeBytes(directory: string | Handle): number {
  const place = typeof directory === 'string' ? directory : `/proc/self/fd/${directory}`;
  const { blocks, bavail, bsize } = fs.statfsSync(place);
  return blocks === 0 ? Number.MAX_SAFE_INTEGER : bavail * bsize;
}

function lock(path: string, options: LockOptions): (() => void) | undefined {
  const file = fs.openSync(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  try {
    lockOpen(file, options);
    return () => fs.closeSync(file);
  } catch (failure) {
    fs.closeSync(file);
    if (systemErrorCode(failure) === 'EAGAIN' || systemErrorCode(failure) === 'EACCES') {
      return undefined;
    }
    throw failure;
  }
}

/**
 * Both locks end with the last descriptor, however the process ends. Of shares only the open file description's own lock knows
 * (fcntl(2)), which, other than flock(2), does not tell whose it is.
 */
function lockOpen(file: number, { wait, share }: LockOptions): void {
  if (share === undefined) {
    checked('flock', libc.flock(file, wait ? LOCK_EX : LOCK_EX | LOCK_NB));
    return;
  }
  const part = shareLock(share);
  checked('fcntl', libc.fcntl(file, wait ? F_OFD_SETLKW : F_OFD_SETLK, BigInt(ptr(part))));
}

/** struct flock on 64-bit Linux: type, whence, start, length (0: to the end of all), pid. */
function shareLock(share: bigint | 'whole'): Uint8Array {
  const part = new DataView(new ArrayBuffer(32));
  part.setInt16(0, F_WRLCK, true);
  part.setBigInt64(8, share === 'whole' ? 0n : share, true);
  part.setBigInt64(16, share === 'whole' ? 0n : 1n, true);
  return new Uint8Array(part.buffer);
}
