import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import type { Handle, Parent, Place } from '../platform.ts';
import { type WalkCalls, walkToDirectory, walkToParent } from '../unix-walk.ts';
import { checked, cString, libc } from './libc.ts';
import { handleFacts, pinAt } from './node.ts';

const longestTarget = 4096;

/** The very link that is pinned, by the empty name relative to it. */
function readLink(_place: Place, link: Handle): Uint8Array {
  const target = new Uint8Array(longestTarget);
  const empty = cString(new Uint8Array());
  const length = checked('readlinkat', libc.readlinkat(link, ptr(empty), ptr(target), target.length));
  return target.subarray(0, length);
}

const calls: WalkCalls = {
  openRoot: () => fs.openSync('/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) as Handle,
  pin: pinAt,
  facts: handleFacts,
  readLink,
  close: (handle) => fs.closeSync(handle),
};

/** (openat2 with RESOLVE_NO_SYMLINKS would save a few microseconds, and leave nothing to say about the directories on the way.) */
export function openParent(path: FilePath): Parent {
  return walkToParent(calls, path);
}

export function openDirectoryPath(path: FilePath): Handle {
  return walkToDirectory(calls, path);
}
