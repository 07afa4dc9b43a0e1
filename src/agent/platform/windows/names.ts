import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { Handle } from '../platform.ts';
import { fileClass } from './constants.ts';
import { kernelHandleOf } from './descriptors.ts';
import { readNames } from './file-information.ts';
import { kernel32 } from './kernel32.ts';
import { NtError } from './nt-status.ts';
import { fromUtf16 } from './object-attributes.ts';
import { openAgain } from './open.ts';
import { fromFinalPath } from './path.ts';
import { readDirectory } from './query.ts';
import { toWtf8 } from './wtf8.ts';

const listBytes = 64 * 1024;
/** In 16-bit units, with the closing NUL. */
const longestPath = 32_768;

/** Through an opening of its own: a handle remembers where its last listing was, and what it saw then. */
export function namesIn(directory: Handle): readonly Uint8Array[] {
  const listing = openAgain(directory);
  try {
    return listNames(listing);
  } finally {
    fs.closeSync(listing);
  }
}

function listNames(directory: Handle): readonly Uint8Array[] {
  const buffer = new Uint8Array(listBytes);
  const names: Uint8Array[] = [];
  for (let restart = true; ; restart = false) {
    const list = readDirectory(directory, fileClass.names, { buffer, restart });
    if (list === undefined) {
      return names;
    }
    for (const name of readNames(list)) {
      names.push(toWtf8(name));
    }
  }
}

/** @throws NtError `ENOENT` for what is on no drive letter. */
export function pathOf(handle: Handle): Uint8Array {
  const path = fromFinalPath(finalPath(handle));
  if (path === undefined) {
    throw new NtError('GetFinalPathNameByHandleW', 0xc000003a);
  }
  return toWtf8(path);
}

/** FILE_NAME_NORMALIZED and VOLUME_NAME_DOS: long names, with a drive letter. */
function finalPath(handle: Handle): string {
  const units = new Uint8Array(longestPath * 2);
  const length = kernel32.GetFinalPathNameByHandleW(kernelHandleOf(handle), ptr(units), longestPath, 0);
  return length < longestPath ? fromUtf16(units.subarray(0, length * 2)) : '';
}
