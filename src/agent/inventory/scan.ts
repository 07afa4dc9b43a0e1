import { statSync } from 'node:fs';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { type Pinned, pinIfPresent } from '../operations/pinned.ts';
import type { Room } from '../operations/room.ts';
import type { Handle, NodeFacts } from '../platform/platform.ts';
import { UnsafePath } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { userNames } from '../platform/user-names.ts';
import { fileFacts } from './file-facts.ts';
import { type Facts, type InventoryIndex, joinPath, type Known, keyOf } from './index-file.ts';

export interface ScanTools {
  readonly room: Room;
  readonly index: InventoryIndex;
  readonly roots: readonly FilePath[];
  /** Paths of our own that are not inventoried, with all below them. */
  readonly skip: readonly string[];
}

export interface ScanResult {
  readonly changed: number;
  readonly unreadable: number;
  /** What could not be looked at, in words. */
  readonly notes: string[];
}

interface Pass extends ScanTools {
  readonly skipped: ReadonlySet<string>;
  readonly owners: ReadonlyMap<number, string>;
  /** When the pass last let others work. */
  pausedAt: number;
  changed: number;
  unreadable: number;
  readonly notes: string[];
}

interface OpenDirectory {
  readonly path: Uint8Array;
  readonly handle: Handle;
  readonly device: bigint;
  readonly depth: number;
}

const deepest = 256;
const mostNotes = 16;
/** New files of one directory that wait to be written to the index. */
const mostPending = 500;
/** After so much work the scan stands back for a moment, in milliseconds. */
const workSpan = 200;
const restSpan = 40;

/** Walks all roots and brings the index up to date. Links are not followed and other file systems not entered. */
export function scan(tools: ScanTools): ScanResult {
  const pass = newPass(tools);
  for (const known of tools.index.rootDirectories()) {
    if (!tools.roots.some((root) => Buffer.compare(root, known) === 0)) {
      tools.index.removeTree(known);
    }
  }
  for (const root of tools.roots) {
    scanRoot(pass, root);
  }
  tools.index.markComplete();
  return resultOf(pass);
}

/** Looks at single files that are known to have changed, in directories that the index has. */
export function lookAt(tools: ScanTools, paths: readonly FilePath[]): ScanResult {
  const pass = newPass(tools);
  for (const path of paths) {
    const end = Math.max(1, path.lastIndexOf(0x2f));
    if (tools.index.hasDirectory(path.subarray(0, end))) {
      lookAtOne(pass, path, path.subarray(0, end));
    }
  }
  return resultOf(pass);
}

function lookAtOne(pass: Pass, path: FilePath, directory: Uint8Array): void {
  try {
    using scope = new HandleScope(pass.room.platform);
    const parent = pass.room.platform.openParent(path);
    scope.keep(parent.directory);
    const found = pinIfPresent(pass.room.platform, scope, parent);
    if (found?.facts.kind === 'file') {
      const facts = readFile(pass, scope, found);
      apply(pass, directory, { found: new Map([[keyOf(parent.name), facts]]), gone: [] });
    } else {
      apply(pass, directory, { found: new Map(), gone: [parent.name] });
    }
  } catch (failure) {
    tolerate(pass, path, failure);
  }
}

function scanRoot(pass: Pass, root: FilePath): void {
  let handle: Handle;
  try {
    handle = pass.room.platform.openDirectoryPath(root);
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      pass.index.removeTree(root);
    }
    tolerate(pass, root, failure);
    return;
  }
  try {
    const { device } = pass.room.platform.facts(handle);
    pass.index.addDirectory(root, null);
    scanDirectory(pass, { path: root, handle, device, depth: 0 });
  } finally {
    pass.room.platform.close(handle);
  }
}

function scanDirectory(pass: Pass, directory: OpenDirectory): void {
  let names: readonly Uint8Array[];
  try {
    names = pass.room.platform.names(directory.handle);
  } catch (failure) {
    tolerate(pass, directory.path, failure);
    return;
  }
  const known = pass.index.filesIn(directory.path);
  const found = new Map<string, Facts>();
  const below: Uint8Array[] = [];
  for (const name of names) {
    breathe(pass);
    const kind = lookAtEntry(pass, directory, { name, known: known.get(keyOf(name)), found });
    if (kind === 'file') {
      known.delete(keyOf(name));
    } else if (kind === 'directory') {
      below.push(name);
    }
    if (found.size >= mostPending) {
      apply(pass, directory.path, { found, gone: [] });
      found.clear();
    }
  }
  const gone = [...known.keys()].map((key) => Buffer.from(key, 'latin1'));
  apply(pass, directory.path, { found, gone });
  forgetVanished(pass, directory.path, below);
  for (const name of below) {
    descend(pass, directory, name);
  }
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
      entry.found.set(keyOf(entry.name), readFile(pass, scope, pinned));
    }
    return 'file';
  } catch (failure) {
    tolerate(pass, joinPath(directory.path, entry.name), failure);
    return undefined;
  }
}

function readFile(pass: Pass, scope: HandleScope, { pin, facts }: Pinned): Facts {
  const file = scope.keep(pass.room.platform.openPinned(pin));
  return fileFacts(file, facts, { owners: pass.owners, progress: () => breathe(pass) });
}

function isAsKnown(facts: NodeFacts, known: Known | undefined): boolean {
  return (
    known !== undefined &&
    known.size === facts.size &&
    known.modifiedNs === String(facts.modifiedNs) &&
    known.changedNs === String(facts.changedNs) &&
    known.inode === String(facts.inode)
  );
}

interface Changes {
  readonly found: ReadonlyMap<string, Facts>;
  readonly gone: readonly Uint8Array[];
}

function apply(pass: Pass, directory: Uint8Array, { found, gone }: Changes): void {
  if (found.size + gone.length === 0) {
    return;
  }
  pass.index.transaction(() => {
    for (const [key, facts] of found) {
      pass.index.put(directory, Buffer.from(key, 'latin1'), facts);
    }
    for (const name of gone) {
      pass.index.markGone(directory, name);
    }
  });
  pass.changed += found.size + gone.length;
}

function forgetVanished(pass: Pass, directory: Uint8Array, below: readonly Uint8Array[]): void {
  const present = new Set(below.map((name) => keyOf(joinPath(directory, name))));
  for (const known of pass.index.directoriesIn(directory)) {
    if (!present.has(keyOf(known))) {
      pass.index.removeTree(known);
      pass.changed += 1;
    }
  }
}

function descend(pass: Pass, directory: OpenDirectory, name: Uint8Array): void {
  const { platform } = pass.room;
  const path = joinPath(directory.path, name);
  try {
    using scope = new HandleScope(platform);
    const handle = scope.keep(platform.openDirectory({ directory: directory.handle, name }));
    const facts = platform.facts(handle);
    if (pass.skipped.has(`${facts.device}:${facts.inode}`)) {
      pass.index.removeTree(path);
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
    pass.index.addDirectory(path, directory.path);
    scanDirectory(pass, { path, handle, device: facts.device, depth: directory.depth + 1 });
  } catch (failure) {
    tolerate(pass, path, failure);
  }
}

/** Files come and go while a scan runs; what may not be read is counted. Anything else is a fault of ours. */
function tolerate(pass: Pass, path: Uint8Array, failure: unknown): void {
  const code = failure instanceof UnsafePath ? 'leads through a link' : systemErrorCode(failure);
  if (code === undefined) {
    throw failure;
  }
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') {
    pass.unreadable += 1;
    if (pass.roots.some((root) => Buffer.compare(root, path) === 0)) {
      note(pass, `cannot list ${displayPath(path)}: ${code}`);
    }
  }
}

function note(pass: Pass, words: string): void {
  if (pass.notes.length < mostNotes) {
    pass.notes.push(words);
  }
}

/** Shows progress and, after a span of work, leaves the machine to others. */
function breathe(pass: Pass): void {
  pass.room.progress();
  const now = pass.room.clock.now();
  if (now < pass.pausedAt || now - pass.pausedAt > workSpan) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restSpan);
    pass.pausedAt = pass.room.clock.now();
  }
}

function newPass(tools: ScanTools): Pass {
  return {
    ...tools,
    skipped: new Set(tools.skip.flatMap(nodeOf)),
    owners: userNames(),
    pausedAt: tools.room.clock.now(),
    changed: 0,
    unreadable: 0,
    notes: [],
  };
}

function resultOf({ changed, unreadable, notes }: Pass): ScanResult {
  return { changed, unreadable, notes };
}

function nodeOf(path: string): readonly string[] {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? [] : [`${stats.dev}:${stats.ino}`];
}
