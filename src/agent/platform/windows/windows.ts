import fs from 'node:fs';
import { takesFiles } from '#core/endpoint/platform.ts';
import type { Handle, Place, Platform } from '../platform.ts';
import { readAttributes, removeAttribute, writeAttribute } from './attributes.ts';
import { access, attribute, fileClass, option, volumeClass } from './constants.ts';
import { isSystemPath } from './critical.ts';
import { kernelHandleOf } from './descriptors.ts';
import {
  basicBytes,
  deviceBytes,
  fullSizeBytes,
  readBasic,
  readDeviceType,
  readFreeBytes,
  writeBasic,
} from './file-information.ts';
import { toFileTime } from './file-time.ts';
import { lock } from './lock.ts';
import { namesIn, pathOf } from './names.ts';
import { handleFacts } from './node.ts';
import { isUnknownToSystem, NtError } from './nt-status.ts';
import { createAt, openAgain, openDirectoryAt, openToDelete, pinAt } from './open.ts';
import { openDirectoryPath, openParent } from './open-parent.ts';
import { isUnreachableName } from './path.ts';
import { flush, queryFile, queryVolume, setFile } from './query.ts';
import { processesRunning, runningPrograms } from './running.ts';
import { deleteInformation, oldDeleteInformation, renameInformation } from './set-information.ts';
import { dieWithParent, guardRedirections, readEverything, yieldToOthers } from './this-process.ts';
import { fromWtf8, toWtf8 } from './wtf8.ts';

/** Devices that hold files: disks, CD-ROMs, and file systems over either or over a network (FILE_DEVICE_* of wdm.h). */
const fileDevices: ReadonlySet<number> = new Set([0x02, 0x03, 0x07, 0x08, 0x14, 0x24, 0x36]);

guardRedirections();
readEverything();

/** Windows 10 1809 and later, by NT calls. It has run under Wine only: files are read here, and never taken. */
export const windows: Platform = {
  takesFiles: takesFiles.windows,
  openParent,
  openDirectoryPath,
  pin: pinAt,
  facts: handleFacts,
  openPinned: (pin) => openAgain(pin),
  openDirectory: openDirectoryAt,
  createFile: (place) => createAt(reachable(place), option.nonDirectoryFile),
  createDirectory: (place) => fs.closeSync(createAt(reachable(place), option.directoryFile)),
  move,
  remove,
  removeDirectory: remove,
  names: namesIn,
  syncDirectory,
  setTimes,
  attributes: readAttributes,
  setAttribute: writeAttribute,
  removeAttribute,
  dataRanges: (_file, size) => (size === 0 ? [] : [{ start: 0, length: size }]),
  isImmutable: (file) => (fileFlags(file) & attribute.readOnly) !== 0,
  isPseudo: (handle) => !fileDevices.has(readDeviceType(queryVolume(handle, volumeClass.device, deviceBytes))),
  freeBytes,
  fileFlags,
  setFileFlags: (file, flags) => setFile(file, fileClass.basic, writeBasic({ attributes: flags })),
  pathOf,
  processesRunning,
  runningPrograms,
  packageOf: () => undefined,
  packageRecords: () => ({ ownerOf: () => undefined }),
  close: (handle) => fs.closeSync(handle),
  lock,
  dieWithParent,
  yieldToOthers,
  watch: undefined,
  isSystemCritical: (path) => isSystemPath(fromWtf8(path)),
};

/** @throws NtError `ENOENT`-coded for a name that ordinary programs could not remove again. */
function reachable(place: Place): Place {
  if (isUnreachableName(fromWtf8(place.name))) {
    throw new NtError('NtCreateFile', 0xc0000033);
  }
  return place;
}

function move(from: Place, to: Place): void {
  const target = fromWtf8(reachable(to).name);
  const file = openToDelete(from);
  try {
    setFile(file, fileClass.rename, renameInformation(kernelHandleOf(to.directory), target));
  } finally {
    fs.closeSync(file);
  }
}

function remove(place: Place): void {
  const file = openToDelete(place);
  try {
    deleteOpen(file);
  } finally {
    fs.closeSync(file);
  }
}

function deleteOpen(file: Handle): void {
  try {
    setFile(file, fileClass.dispositionEx, deleteInformation());
  } catch (failure) {
    if (!isUnknownToSystem(failure)) {
      throw failure;
    }
    setFile(file, fileClass.disposition, oldDeleteInformation());
  }
}

/** NTFS writes its log when a handle that may add to the directory is flushed. */
function syncDirectory(directory: Handle): void {
  const writable = openAgain(directory, access.addFile);
  try {
    flush(writable);
  } finally {
    fs.closeSync(writable);
  }
}

function setTimes(file: Handle, times: { readonly accessedNs: bigint; readonly modifiedNs: bigint }): void {
  const basic = { accessed: toFileTime(times.accessedNs), written: toFileTime(times.modifiedNs) };
  setFile(file, fileClass.basic, writeBasic(basic));
}

function fileFlags(file: Handle): number {
  return readBasic(queryFile(file, fileClass.basic, basicBytes)).attributes;
}

function freeBytes(directory: string | Handle): number {
  if (typeof directory !== 'string') {
    return readFreeBytes(queryVolume(directory, volumeClass.fullSize, fullSizeBytes));
  }
  const handle = openDirectoryPath(toWtf8(directory) as Parameters<typeof openDirectoryPath>[0]);
  try {
    return freeBytes(handle);
  } finally {
    fs.closeSync(handle);
  }
}
