import fs from 'node:fs';
import type { Handle, Place } from '../platform.ts';
import { atFlag, fcntlCommand, openFlag } from './constants.ts';
import { checked, cString, fcntl, fstat, fstatat, libSystem, openat } from './libsystem.ts';
import { type MacStat, readStat, statBytes } from './stat.ts';
import { factsOfUnopened, holdUnopened, letGoUnopened } from './unopened.ts';

const longestPath = 1024;

/** openat(2) of one component, so that O_NOFOLLOW is all that it takes: O_NOFOLLOW_ANY is for whole paths. */
export function openAt(place: Place, flags: number, mode = 0): Handle {
  return openat(place, flags | openFlag.closeOnExec, mode) as Handle;
}

/**
 * Opens files, directories and links (a link as itself), and only looks at everything else. Whoever puts a fifo in the
 * place between the look and the opening gets it opened without waiting, and told as what it is.
 */
export function pinAt(place: Place): Handle {
  const facts = lookAt(place);
  if (facts.kind === 'other') {
    return holdUnopened(facts);
  }
  const itself = facts.kind === 'link' ? openFlag.symlink : openFlag.noFollow;
  return openAt(place, openFlag.readOnly | openFlag.nonBlock | itself);
}

function lookAt(place: Place): MacStat {
  const bytes = new Uint8Array(statBytes);
  const flags = atFlag.symlinkNoFollow;
  checked('fstatat', fstatat(place.directory, cString(place.name), bytes, flags));
  return readStat(bytes);
}

export function handleFacts(handle: Handle): MacStat {
  const known = factsOfUnopened(handle);
  if (known !== undefined) {
    return known;
  }
  const bytes = new Uint8Array(statBytes);
  checked('fstat', fstat(handle, bytes));
  return readStat(bytes);
}

export function openDirectoryAt(place: Place): Handle {
  return openAt(place, openFlag.readOnly | openFlag.directory | openFlag.noFollow | openFlag.nonBlock);
}

/** The pin can be read already; a second descriptor of it, because both will be closed. */
export function openPinned(pin: Handle): Handle {
  return checked('dup', libSystem.dup(pin)) as Handle;
}

export function pathOf(handle: Handle): Uint8Array {
  const path = new Uint8Array(longestPath);
  fcntl(handle, fcntlCommand.getPath, path);
  return path.subarray(0, path.indexOf(0));
}

export function close(handle: Handle): void {
  if (!letGoUnopened(handle)) {
    fs.closeSync(handle);
  }
}
