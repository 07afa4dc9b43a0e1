import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { type Pinned, pinIfPresent } from '../operations/pinned.ts';
import type { Handle, NodeFacts } from '../platform/platform.ts';
import { atOnce, type FileSteps } from './each-chunk.ts';
import { fileFactsSteps } from './file-facts.ts';
import { type Facts, joinPath, type Known, keyOf } from './index-file.ts';
import { breathe, forgetTree, note, type Pass, tolerate } from './scan-pass.ts';

export interface OpenDirectory {
  readonly path: Uint8Array;
  readonly handle: Handle;
  readonly device: bigint;
  readonly depth: number;
}

interface Changes {
  readonly found: ReadonlyMap<string, Facts>;
  readonly gone: readonly Uint8Array[];
}

const deepest = 256;
const largeBytes = 64 * 1024 * 1024;
/** What was read of one directory and waits to be written to the index: who is killed here reads no more than this again. */
const mostPending = { files: 500, bytes: 64 * 1024 * 1024 } as const;

/**
 * Brings one directory and all below it up to date. It can be set aside between two directories, never within one: what is
 * known of a directory's files is read, compared and written without anybody coming between.
 */
export function* scanDirectory(pass: Pass, directory: OpenDirectory): Generator<undefined> {
  let names: readonly Uint8Array[];
  try {
    names = pass.room.platform.names(directory.handle);
  } catch (failure) {
    tolerate(pass, directory.path, failure);
    return;
  }
  const below = lookAtNames(pass, directory, names);
  forgetVanished(pass, directory.path, below);
  yield undefined;
  for (const name of below) {
    yield* descend(pass, directory, name);
  }
}

/** @returns the names of the directories among them. */
function lookAtNames(pass: Pass, directory: OpenDirectory, names: readonly Uint8Array[]): readonly Uint8Array[] {
  const known = pass.index.filesIn(directory.path);
  const found = new Map<string, Facts>();
  const below: Uint8Array[] = [];
  let bytes = 0;
  for (const name of names) {
    breathe(pass);
    const kind = lookAtEntry(pass, directory, { name, known: known.get(keyOf(name)), found });
    if (kind === 'file') {
      known.delete(keyOf(name));
      bytes += found.get(keyOf(name))?.size ?? 0;
    } else if (kind === 'directory') {
      below.push(name);
    }
    if (found.size >= mostPending.files || bytes >= mostPending.bytes) {
      applyChanges(pass, directory.path, { found, gone: [] });
      found.clear();
      bytes = 0;
    }
  }
  const gone = [...known.keys()].map((key) => Buffer.from(key, 'latin1'));
  applyChanges(pass, directory.path, { found, gone });
  return below;
}

interface Entry {
  readonly name: Uint8Array;
  readonly known: Known | undefined;
  readonly found: Map<string, Facts>;
}

/** What the name is; a file that is new or changed is put into `found`. Undefined: gone, special, or not readable now. */
function lookAtEntry(pass: Pass, directory: OpenDirectory, entry: Entry): 'file' | 'directory' | undefined {
  try {
    using scope = new HandleScope(pass.room.platform);
    const pinned = pinIfPresent(pass.room.platform, scope, { directory: directory.handle, name: entry.name });
    if (pinned?.facts.kind === 'directory') {
      return 'directory';
    }
    if (pinned?.facts.kind !== 'file') {
      return undefined;
    }
    if (!isAsKnown(pinned.facts, entry.known)) {
      const path = joinPath(directory.path, entry.name);
      if (!isPostponed(pass, path, pinned.facts)) {
        entry.found.set(keyOf(entry.name), readFile(pass, scope, { pinned, path }));
      }
    }
    return 'file';
  } catch (failure) {
    tolerate(pass, joinPath(directory.path, entry.name), failure);
    return undefined;
  }
}

/** A file that takes long to read is left for later, but for the first scan: others wait to be looked at. */
export function isPostponed(pass: Pass, path: FilePath, { size }: NodeFacts): boolean {
  const isLater = size > largeBytes && pass.mayPostpone;
  if (isLater) {
    pass.large.push(path);
  }
  return isLater;
}

/** A file that is held, and where it was found. */
export interface FoundFile {
  readonly pinned: Pinned;
  readonly path: Uint8Array;
}

export function readFile(pass: Pass, scope: HandleScope, found: FoundFile): Facts {
  return atOnce(readSteps(pass, scope, found));
}

export function readSteps(pass: Pass, scope: HandleScope, { pinned, path }: FoundFile): FileSteps<Facts> {
  const file = scope.keep(pass.room.platform.openPinned(pinned.pin));
  return fileFactsSteps(file, pinned.facts, {
    owners: pass.owners,
    packages: pass.packages,
    path,
    progress: () => breathe(pass),
    now: pass.room.clock.now,
  });
}

export function isAsKnown(facts: NodeFacts, known: Known | undefined): boolean {
  return (
    known?.settled === true &&
    known.size === facts.size &&
    known.modifiedNs === String(facts.modifiedNs) &&
    known.changedNs === String(facts.changedNs) &&
    known.inode === String(facts.inode)
  );
}

export function applyChanges(pass: Pass, directory: Uint8Array, { found, gone }: Changes): void {
  if (found.size + gone.length === 0) {
    return;
  }
  pass.index.transaction(() => {
    for (const [key, facts] of found) {
      pass.changed += pass.index.put(directory, Buffer.from(key, 'latin1'), facts) ? 1 : 0;
    }
    for (const name of gone) {
      pass.index.markGone(directory, name);
    }
  });
  pass.changed += gone.length;
}

function forgetVanished(pass: Pass, directory: Uint8Array, below: readonly Uint8Array[]): void {
  const present = new Set(below.map((name) => keyOf(joinPath(directory, name))));
  for (const known of pass.index.directoriesIn(directory)) {
    if (!present.has(keyOf(known))) {
      forgetTree(pass, known);
      pass.changed += 1;
    }
  }
}

/** Into one directory of an open one, unless it is our own, on another file system, or too deep. */
export function* descend(pass: Pass, directory: OpenDirectory, name: Uint8Array): Generator<undefined> {
  const { platform } = pass.room;
  const path = joinPath(directory.path, name);
  try {
    using scope = new HandleScope(platform);
    const handle = scope.keep(platform.openDirectory({ directory: directory.handle, name }));
    const facts = platform.facts(handle);
    if (pass.skipped.has(`${facts.device}:${facts.inode}`)) {
      forgetTree(pass, path);
      return;
    }
    if (facts.device !== directory.device) {
      note(pass, `does not go into other file systems: ${displayPath(path)}`);
      return;
    }
    if (directory.depth >= deepest) {
      note(pass, `does not go deeper than ${deepest} directories: ${displayPath(path)}`);
      return;
    }
    // In this order: what changes after the names were read is told of a directory that the index has already.
    pass.index.addDirectory(path, directory.path, pass.watches?.add(path, handle) ?? null);
    yield* scanDirectory(pass, { path, handle, device: facts.device, depth: directory.depth + 1 });
  } catch (failure) {
    tolerate(pass, path, failure);
  }
}
