import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { FilePath } from '#core/file/file-path.ts';
import type { Handle, Parent, Place } from '../platform.ts';
import { type WalkCalls, walkToDirectory, walkToParent } from '../unix-walk.ts';
import { checked, cString, libSystem } from './libsystem.ts';
import { close, handleFacts, pinAt } from './node.ts';

const longestTarget = 4096;

/** readlinkat goes by name, not by what is pinned; the walk asks only in directories that nobody but root can change. */
function readLink(place: Place): Uint8Array {
  const target = new Uint8Array(longestTarget);
  const name = cString(place.name);
  const length = checked('readlinkat', libSystem.readlinkat(place.directory, ptr(name), ptr(target), target.length));
  return target.subarray(0, length);
}

const calls: WalkCalls = {
  openRoot: () => fs.openSync('/', fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) as Handle,
  pin: pinAt,
  facts: handleFacts,
  readLink,
  close,
};

/** `/tmp`, `/var` and `/etc` are links of root's here, and are followed by hand, see `unix-walk.ts`. */
export function openParent(path: FilePath): Parent {
  return walkToParent(calls, path);
}

export function openDirectoryPath(path: FilePath): Handle {
  return walkToDirectory(calls, path);
}
