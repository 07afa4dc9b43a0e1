import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import { systemErrorCode } from '../system-error.ts';
import type { Change, ChangeHandlers, Watcher, Watching } from '../watching.ts';
import { readChanges } from './inotify-events.ts';
import { checked, cString, libc } from './libc.ts';

const IN_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
/** MODIFY, ATTRIB, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE, DELETE_SELF, MOVE_SELF; ONLYDIR, EXCL_UNLINK. */
const mask = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x01000000 | 0x04000000;
const F_SETFL = 4;
const F_SETOWN = 8;
const O_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;
/**
 * Changes are gathered for so long before they are read, in milliseconds: a busy writer wakes us rarely. After a read of
 * many, for less long, so that the queue of the kernel (16,384 by default) holds what comes.
 */
const gathering = { usual: 50, brisk: 10, many: 1_000 } as const;
const bufferBytes = 256 * 1024;
/** Of the watches that the system allows a user; root's other programs need some too. */
const share = 0.75;
/** From linux/magic.h and the file systems' own sources: NFS, SMB (three), FUSE, 9P, Ceph, AFS. */
const remoteTypes: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x5346414f,
]);

/**
 * inotify(7). The kernel announces the first change by SIGIO: no thread waits in a read, and nothing is asked in between.
 * The watches belong to the descriptor, which the agent keeps; its children add to it while they walk, and may end.
 */
export const inotify: Watching = {
  open,
  add: (descriptor, directory) => {
    // The magic link leads to the very directory that is open, whatever has its name by now.
    const path = cString(Buffer.from(`/proc/self/fd/${directory}`));
    return checked('inotify_add_watch', libc.inotify_add_watch(descriptor, ptr(path), mask));
  },
  remove: (descriptor, watch) => {
    try {
      checked('inotify_rm_watch', libc.inotify_rm_watch(descriptor, watch));
    } catch (failure) {
      if (systemErrorCode(failure) !== 'EINVAL') {
        throw failure;
      }
    }
  },
  most: () => Math.floor(Number(fs.readFileSync('/proc/sys/fs/inotify/max_user_watches', 'latin1')) * share),
  hearsAll: (directory) => !remoteTypes.has(fs.statfsSync(`/proc/self/fd/${directory}`).type >>> 0),
};

function open(handlers: ChangeHandlers): Watcher {
  const descriptor = checked('inotify_init1', libc.inotify_init1(IN_CLOEXEC_NONBLOCK));
  const buffer = Buffer.alloc(bufferBytes);
  let count = 0;
  let gatheringTimer: ReturnType<typeof setTimeout> | undefined;
  const listen = (isOn: boolean) =>
    void checked('fcntl', libc.fcntl(descriptor, F_SETFL, BigInt(O_NONBLOCK | (isOn ? O_ASYNC : 0))));
  const gather = () => {
    if (gatheringTimer === undefined) {
      listen(false);
      gatheringTimer = setTimeout(read, count > gathering.many ? gathering.brisk : gathering.usual);
    }
  };
  const read = () => {
    gatheringTimer = undefined;
    // In this order: what comes after the last read is announced.
    listen(true);
    count = readAll(descriptor, buffer, handlers);
  };
  hear(gather);
  checked('fcntl', libc.fcntl(descriptor, F_SETOWN, BigInt(process.pid)));
  listen(true);
  return {
    descriptor,
    close: () => {
      listen(false);
      listeners.delete(gather);
      clearTimeout(gatheringTimer);
      fs.closeSync(descriptor);
    },
  };
}

const listeners = new Set<() => void>();

/** The handler stays for good: a signal that comes late, with no handler, would end the process. */
function hear(listener: () => void): void {
  if (process.listenerCount('SIGIO', announce) === 0) {
    process.on('SIGIO', announce);
  }
  listeners.add(listener);
}

function announce(): void {
  for (const listener of listeners) {
    listener();
  }
}

/** @returns how many changes there were. */
function readAll(descriptor: number, buffer: Buffer, handlers: ChangeHandlers): number {
  let count = 0;
  for (let length = readSome(descriptor, buffer); length > 0; length = readSome(descriptor, buffer)) {
    const changes: Change[] = [];
    const isWhole = readChanges(buffer.subarray(0, length), changes);
    count += changes.length;
    handlers.changed(changes);
    if (!isWhole) {
      handlers.overflowed();
    }
  }
  return count;
}

/** 0 when there is nothing more to read. */
function readSome(descriptor: number, buffer: Buffer): number {
  try {
    return fs.readSync(descriptor, buffer);
  } catch (failure) {
    if (systemErrorCode(failure) === 'EAGAIN') {
      return 0;
    }
    throw failure;
  }
}
