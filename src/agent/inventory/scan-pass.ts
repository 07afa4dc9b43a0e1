import { statSync } from 'node:fs';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import type { Room } from '../operations/room.ts';
import { type PackageRecords, UnsafePath } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { userNames } from '../platform/user-names.ts';
import type { DirectoryWatches } from './directory-watches.ts';
import type { InventoryIndex } from './index-file.ts';

export interface ScanTools {
  readonly room: Pick<Room, 'platform' | 'clock' | 'progress'>;
  readonly index: InventoryIndex;
  readonly roots: readonly FilePath[];
  /** Paths of our own that are not inventoried, with all below them. */
  readonly skip: readonly string[];
  /** Undefined: nobody hears of changes. */
  readonly watches: DirectoryWatches | undefined;
}

export interface ScanResult {
  readonly changed: number;
  readonly unreadable: number;
  /** What could not be looked at, in words. */
  readonly notes: string[];
  /** Whether every directory that was looked at is watched: what changes there will be told. */
  readonly isWatched: boolean;
  /** Files that have changed and take so long to read that each is to be asked for. */
  readonly large: FilePath[];
}

/** One pass over all of the roots, or over some files and directories. */
export interface Pass extends ScanTools {
  readonly skipped: ReadonlySet<string>;
  readonly owners: ReadonlyMap<number, string>;
  readonly packages: PackageRecords;
  /** When the pass last let others work. */
  pausedAt: number;
  changed: number;
  unreadable: number;
  readonly notes: string[];
  /** Whether the index has been complete before. */
  readonly mayPostpone: boolean;
  readonly large: FilePath[];
}

const mostNotes = 16;
/** Of each span of work and rest, in milliseconds: three quarters of one processor at most. */
const workSpan = 150;
const restSpan = 50;

export function newPass(tools: ScanTools): Pass {
  return {
    ...tools,
    skipped: nodesOf(tools.skip),
    owners: userNames(),
    packages: tools.room.platform.packageRecords(),
    pausedAt: tools.room.clock.now(),
    changed: 0,
    unreadable: 0,
    notes: [],
    mayPostpone: tools.index.complete,
    large: [],
  };
}

export function resultOf({ changed, unreadable, notes, watches, large }: Pass): ScanResult {
  const blindness = watches?.blindness ?? [];
  const isWatched = watches !== undefined && blindness.length === 0;
  return { changed, unreadable, notes: [...blindness, ...notes].slice(0, mostNotes), isWatched, large };
}

/** The nodes of our own paths, by device and number: whatever leads to them, they are not entered. */
export function nodesOf(paths: readonly string[]): ReadonlySet<string> {
  return new Set(
    paths.flatMap((path) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? [] : [`${stats.dev}:${stats.ino}`];
    }),
  );
}

/** Files come and go while a scan runs; what may not be read is counted. Anything else is a fault of ours. */
export function tolerate(pass: Pass, path: Uint8Array, failure: unknown): void {
  const code = failure instanceof UnsafePath ? 'leads through a link' : systemErrorCode(failure);
  if (code === undefined) {
    throw failure;
  }
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') {
    pass.unreadable += 1;
    if (isRoot(pass, path)) {
      note(pass, `cannot list ${displayPath(path)}: ${code}`);
    }
  }
}

export function isRoot(tools: Pick<ScanTools, 'roots'>, path: Uint8Array): boolean {
  return tools.roots.some((root) => Buffer.compare(root, path) === 0);
}

export function note(pass: Pass, words: string): void {
  if (pass.notes.length < mostNotes) {
    pass.notes.push(words);
  }
}

/** Shows progress and, after a span of work, leaves the machine to others. */
export function breathe(pass: Pass): void {
  pass.room.progress();
  const now = pass.room.clock.now();
  if (now < pass.pausedAt || now - pass.pausedAt > workSpan) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restSpan);
    pass.pausedAt = pass.room.clock.now();
  }
}

/** Directories that are gone are no longer watched, wherever they went. */
export function forgetTree(pass: Pass, directory: Uint8Array): void {
  const watches = pass.index.removeTree(directory);
  pass.watches?.remove(watches);
}
