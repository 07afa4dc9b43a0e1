import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { type Pinned, pinIfPresent } from '../operations/pinned.ts';
import type { Handle, Platform } from '../platform/platform.ts';
import { UnsafePath } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { joinPath } from './index-file.ts';

/** A regular file, held by identity until the walk goes on. */
export interface WalkedFile extends Pinned {
  readonly path: FilePath;
}

export interface WalkTools {
  readonly platform: Platform;
  /** Directories that are not entered, as `device:inode`. */
  readonly skipped: ReadonlySet<string>;
  readonly progress: () => void;
  /** In words, with the path. */
  readonly couldNotRead: (what: string) => void;
  readonly lose: (words: string) => void;
  /** The directory to begin at could not be opened. */
  readonly notBegun?: () => void;
}

interface OpenDirectory {
  readonly path: Uint8Array;
  readonly handle: Handle;
  readonly device: bigint;
  readonly depth: number;
}

const deepest = 256;

/**
 * Every regular file below a directory, each name opened in its open directory: links are not followed, other file systems
 * and those that the kernel makes up are not entered. What comes and goes meanwhile is passed over.
 */
export function* walk(tools: WalkTools, start: FilePath): Generator<WalkedFile> {
  const { platform } = tools;
  try {
    using scope = new HandleScope(platform);
    const handle = scope.keep(platform.openDirectoryPath(start));
    const facts = platform.facts(handle);
    if (platform.isPseudo(handle)) {
      tools.lose(`the kernel makes up what is below ${displayPath(start)}: it is not searched`);
    } else if (!tools.skipped.has(`${facts.device}:${facts.inode}`)) {
      yield* walkDirectory(tools, { path: start, handle, device: facts.device, depth: 0 });
    }
  } catch (failure) {
    // The start was named, so that it is said also when it is only missing.
    tools.notBegun?.();
    tools.couldNotRead(`${displayPath(start)}: ${codeOf(failure)}`);
  }
}

function* walkDirectory(tools: WalkTools, directory: OpenDirectory): Generator<WalkedFile> {
  const below: Uint8Array[] = [];
  for (const name of namesIn(tools, directory)) {
    tools.progress();
    using scope = new HandleScope(tools.platform);
    const pinned = pin(tools, { directory, name, scope });
    if (pinned?.facts.kind === 'file') {
      yield { ...pinned, path: joinPath(directory.path, name) };
    } else if (pinned?.facts.kind === 'directory') {
      below.push(name);
    }
  }
  for (const name of below) {
    yield* descend(tools, directory, name);
  }
}

function* descend(tools: WalkTools, directory: OpenDirectory, name: Uint8Array): Generator<WalkedFile> {
  const { platform } = tools;
  const path = joinPath(directory.path, name);
  using scope = new HandleScope(platform);
  const handle = enter(tools, { directory, name, scope });
  if (handle === undefined) {
    return;
  }
  const { device, inode } = platform.facts(handle);
  if (tools.skipped.has(`${device}:${inode}`)) {
    return;
  }
  if (device !== directory.device) {
    tools.lose(`does not go into other file systems: ${displayPath(path)}`);
  } else if (directory.depth >= deepest) {
    tools.lose(`does not go deeper than ${deepest} directories: ${displayPath(path)}`);
  } else {
    yield* walkDirectory(tools, { path, handle, device, depth: directory.depth + 1 });
  }
}

interface Entry {
  readonly directory: OpenDirectory;
  readonly name: Uint8Array;
  readonly scope: HandleScope;
}

function namesIn(tools: WalkTools, { path, handle }: OpenDirectory): readonly Uint8Array[] {
  return unless(tools, path, () => tools.platform.names(handle)) ?? [];
}

function pin(tools: WalkTools, { directory, name, scope }: Entry): Pinned | undefined {
  const place = { directory: directory.handle, name };
  return unless(tools, joinPath(directory.path, name), () => pinIfPresent(tools.platform, scope, place));
}

function enter(tools: WalkTools, { directory, name, scope }: Entry): Handle | undefined {
  const place = { directory: directory.handle, name };
  return unless(tools, joinPath(directory.path, name), () => scope.keep(tools.platform.openDirectory(place)));
}

/** What has gone, or has become something else, since its name was read was never found. */
function unless<Value>(tools: WalkTools, path: Uint8Array, look: () => Value): Value | undefined {
  try {
    return look();
  } catch (failure) {
    const code = codeOf(failure);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ELOOP') {
      tools.couldNotRead(`${displayPath(path)}: ${code}`);
    }
    return undefined;
  }
}

/** @throws what was thrown when it is no failure of the system. */
export function codeOf(failure: unknown): string {
  const code = failure instanceof UnsafePath ? 'leads through a link that is not root’s' : systemErrorCode(failure);
  if (code === undefined) {
    throw failure;
  }
  return code;
}
