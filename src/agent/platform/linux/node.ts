import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { Handle, NodeFacts, NodeKind, Place } from '../platform.ts';
import { checked, cString, libc } from './libc.ts';

const { O_NOFOLLOW, O_DIRECTORY, O_RDONLY, O_NONBLOCK } = fs.constants;
/** Not among `node:fs` constants; the same on every Linux. */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

/** openat with O_CLOEXEC. */
export function openAt(place: Place, flags: number, mode = 0): Handle {
  const name = cString(place.name);
  return checked('openat', libc.openat(place.directory, ptr(name), flags | O_CLOEXEC, mode)) as Handle;
}

export function pinAt(place: Place): Handle {
  return openAt(place, O_PATH | O_NOFOLLOW);
}

export function openDirectoryAt(place: Place): Handle {
  return openAt(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
}

/** The magic link opens the pinned inode itself, whatever has its name by now. */
export function openPinned(pin: Handle): Handle {
  return fs.openSync(`/proc/self/fd/${pin}`, O_RDONLY | O_NONBLOCK) as Handle;
}

export function handleFacts(handle: Handle): NodeFacts {
  const stats = fs.fstatSync(handle, { bigint: true });
  return {
    kind: kindOf(stats),
    device: stats.dev,
    inode: stats.ino,
    links: Number(stats.nlink),
    size: Number(stats.size),
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    accessedNs: stats.atimeNs,
    modifiedNs: stats.mtimeNs,
    changedNs: stats.ctimeNs,
    createdNs: stats.birthtimeNs > 0n ? stats.birthtimeNs : null,
    sparse: stats.blocks * 512n < stats.size,
  };
}

function kindOf(stats: fs.BigIntStats): NodeKind {
  if (stats.isFile()) {
    return 'file';
  }
  if (stats.isDirectory()) {
    return 'directory';
  }
  return stats.isSymbolicLink() ? 'link' : 'other';
}
