import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import { takesFiles } from '#core/endpoint/platform.ts';
import type { Handle, Place, Platform } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { toTimespec } from '../timespec.ts';
import { readAttributes, removeAttribute, writeAttribute } from './attributes.ts';
import { atFlag, fcntlCommand, fileFlag, openFlag, renameExclusive } from './constants.ts';
import { isSystemPath } from './critical.ts';
import { dataRanges } from './data-ranges.ts';
import { checked, cString, fcntl, fstatfs, libSystem } from './libsystem.ts';
import { lock } from './lock.ts';
import { namesIn } from './names.ts';
import { close, handleFacts, openAt, openDirectoryAt, openPinned, pathOf, pinAt } from './node.ts';
import { openDirectoryPath, openParent } from './open-parent.ts';
import { processesRunning, runningPrograms } from './running.ts';
import { isPseudoType, type MacStatFs, readStatFs, statFsBytes } from './stat-fs.ts';
import { dieWithParent, lookWithoutTouching, yieldToOthers } from './this-process.ts';

const unchangeable =
  fileFlag.userImmutable |
  fileFlag.userAppend |
  fileFlag.systemImmutable |
  fileFlag.systemAppend |
  fileFlag.restricted |
  fileFlag.noUnlink;

lookWithoutTouching();

/** macOS 11 and later, by libSystem's calls. It has never run: files are to be read here, and never taken. */
export const macos: Platform = {
  takesFiles: takesFiles.macos,
  openParent,
  openDirectoryPath,
  pin: pinAt,
  facts: handleFacts,
  openPinned,
  openDirectory: openDirectoryAt,
  createFile: (place) =>
    openAt(place, openFlag.create | openFlag.exclusive | openFlag.readWrite | openFlag.noFollow, 0o600),
  createDirectory,
  move,
  remove: (place) => unlink(place, 0),
  removeDirectory: (place) => unlink(place, atFlag.removeDirectory),
  names: namesIn,
  syncDirectory,
  setTimes,
  attributes: readAttributes,
  setAttribute: writeAttribute,
  removeAttribute,
  dataRanges,
  isImmutable: (file) => (fileFlags(file) & unchangeable) !== 0,
  isPseudo: (handle) => isPseudoType(fileSystemOf(handle).type),
  freeBytes,
  fileFlags,
  setFileFlags: (file, flags) => void checked('fchflags', libSystem.fchflags(file, flags)),
  pathOf,
  processesRunning,
  runningPrograms,
  packageOf: () => undefined,
  packageRecords: () => ({ ownerOf: () => undefined }),
  close,
  lock,
  dieWithParent,
  yieldToOthers,
  watch: undefined,
  isSystemCritical: (path, facts) =>
    isSystemPath(Buffer.from(path).toString('latin1')) ||
    ('flags' in facts && typeof facts.flags === 'number' && (facts.flags & fileFlag.restricted) !== 0),
};

function createDirectory(place: Place): void {
  checked('mkdirat', libSystem.mkdirat(place.directory, ptr(cString(place.name)), 0o700));
}

function unlink(place: Place, flags: number): void {
  checked('unlinkat', libSystem.unlinkat(place.directory, ptr(cString(place.name)), flags));
}

function move(from: Place, to: Place): void {
  const [source, target] = [cString(from.name), cString(to.name)];
  checked(
    'renameatx_np',
    libSystem.renameatx_np(from.directory, ptr(source), to.directory, ptr(target), renameExclusive),
  );
}

/** fsync(2) leaves the bytes in the drive's own memory here; F_FULLFSYNC does not, where the file system has it. */
function syncDirectory(directory: Handle): void {
  try {
    fcntl(directory, fcntlCommand.fullFsync, new Uint8Array(8));
  } catch (failure) {
    if (!['ENOTSUP', 'ENOTTY', 'EINVAL'].includes(systemErrorCode(failure) ?? '')) {
      throw failure;
    }
    checked('fsync', libSystem.fsync(directory));
  }
}

function setTimes(file: Handle, times: { readonly accessedNs: bigint; readonly modifiedNs: bigint }): void {
  const pair = new BigInt64Array([times.accessedNs, times.modifiedNs].flatMap(toTimespec));
  checked('futimens', libSystem.futimens(file, ptr(pair)));
}

function fileFlags(file: Handle): number {
  return handleFacts(file).flags;
}

function fileSystemOf(handle: Handle): MacStatFs {
  const bytes = new Uint8Array(statFsBytes);
  checked('fstatfs', fstatfs(handle, bytes));
  return readStatFs(bytes);
}

function freeBytes(directory: string | Handle): number {
  if (typeof directory !== 'string') {
    return fileSystemOf(directory).freeBytes;
  }
  const handle = fs.openSync(directory, 'r') as Handle;
  try {
    return fileSystemOf(handle).freeBytes;
  } finally {
    fs.closeSync(handle);
  }
}
