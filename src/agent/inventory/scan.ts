import type { FilePath } from '#core/file/file-path.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { pinIfPresent } from '../operations/pinned.ts';
import type { Handle } from '../platform/platform.ts';
import { directoryOf, separatorByte } from '../platform/separator.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { atOnce } from './each-chunk.ts';
import { keyOf } from './index-file.ts';
import { applyChanges, descend, isAsKnown, isPostponed, readFile, readSteps, scanDirectory } from './scan-directory.ts';
import {
  breathe,
  forgetTree,
  isRoot,
  newPass,
  type Pass,
  resultOf,
  type ScanResult,
  type ScanTools,
  tolerate,
} from './scan-pass.ts';

/** Work that can be set aside after each directory; what it returns is the result. */
export type Steps = Generator<undefined, ScanResult>;

/** Walks all roots and brings the index up to date. Links are not followed and other file systems not entered. */
export function* scanSteps(tools: ScanTools): Steps {
  const pass = newPass(tools);
  tools.watches?.begin();
  for (const known of tools.index.rootDirectories()) {
    if (!isRoot(tools, known)) {
      forgetTree(pass, known);
    }
  }
  for (const root of tools.roots) {
    yield* scanRoot(pass, root);
  }
  tools.index.markComplete();
  return resultOf(pass);
}

/** Looks at single files and directories that are known to have changed, in directories that the index has. */
function* lookSteps(tools: ScanTools, paths: readonly FilePath[]): Steps {
  const pass = newPass(tools);
  for (const path of paths) {
    breathe(pass);
    if (isRoot(tools, path)) {
      yield* scanRoot(pass, path);
    } else {
      yield* lookAtOne(pass, path);
    }
  }
  return resultOf(pass);
}

export function scan(tools: ScanTools): ScanResult {
  return atOnce(scanSteps(tools));
}

export function lookAt(tools: ScanTools, paths: readonly FilePath[]): ScanResult {
  return atOnce(lookSteps(tools, paths));
}

/** Reads one large file, and can be set aside while it does. */
export function* largeSteps(tools: ScanTools, path: FilePath): Steps {
  const pass = newPass(tools);
  const directory = directoryOf(path);
  try {
    using scope = new HandleScope(pass.room.platform);
    const parent = pass.room.platform.openParent(path);
    scope.keep(parent.directory);
    const found = pinIfPresent(pass.room.platform, scope, parent);
    if (found?.facts.kind === 'file') {
      const facts = yield* readSteps(pass, scope, { pinned: found, path });
      // Its directory may have gone elsewhere meanwhile: then it is looked at there.
      if (pass.index.hasDirectory(directory)) {
        applyChanges(pass, directory, { found: new Map([[keyOf(parent.name), facts]]), gone: [] });
      }
    }
  } catch (failure) {
    tolerate(pass, path, failure);
  }
  return resultOf(pass);
}

function* lookAtOne(pass: Pass, path: FilePath): Generator<undefined> {
  const directory = directoryOf(path);
  if (!pass.index.hasDirectory(directory)) {
    return;
  }
  try {
    using scope = new HandleScope(pass.room.platform);
    const parent = pass.room.platform.openParent(path);
    scope.keep(parent.directory);
    const { device } = pass.room.platform.facts(parent.directory);
    const found = pinIfPresent(pass.room.platform, scope, parent);
    if (found?.facts.kind !== 'directory' && pass.index.hasDirectory(path)) {
      forgetTree(pass, path);
    }
    if (found?.facts.kind === 'file') {
      const known = pass.index.known({ directory, name: parent.name });
      if (!isAsKnown(found.facts, known) && !isPostponed(pass, path, found.facts)) {
        const facts = readFile(pass, scope, { pinned: found, path });
        applyChanges(pass, directory, { found: new Map([[keyOf(parent.name), facts]]), gone: [] });
      }
      return;
    }
    applyChanges(pass, directory, { found: new Map(), gone: [parent.name] });
    if (found?.facts.kind === 'directory') {
      yield* descend(
        pass,
        { path: directory, handle: parent.directory, device, depth: depthOf(directory) },
        parent.name,
      );
    }
  } catch (failure) {
    tolerate(pass, path, failure);
  }
}

function depthOf(directory: Uint8Array): number {
  return directory.reduce((depth, byte) => (byte === separatorByte ? depth + 1 : depth), 0);
}

function* scanRoot(pass: Pass, root: FilePath): Generator<undefined> {
  let handle: Handle;
  try {
    handle = pass.room.platform.openDirectoryPath(root);
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT') {
      forgetTree(pass, root);
    }
    pass.watches?.lookAtRoot(root, undefined);
    tolerate(pass, root, failure);
    return;
  }
  try {
    const { device } = pass.room.platform.facts(handle);
    pass.watches?.lookAtRoot(root, handle);
    pass.index.addDirectory(root, null, pass.watches?.add(root, handle) ?? null);
    yield* scanDirectory(pass, { path: root, handle, device, depth: 0 });
  } finally {
    pass.room.platform.close(handle);
  }
}
