import { utf16 } from './object-attributes.ts';

/**
 * FILE_RENAME_INFORMATION (ntifs.h): to a name in an open directory. ReplaceIfExists, the first byte, is not set: it fails
 * with a collision where the name is taken (promise P4).
 */
export function renameInformation(directory: bigint, name: string): Uint8Array {
  const units = utf16(name);
  const bytes = new Uint8Array(20 + units.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, directory, true);
  view.setUint32(16, name.length * 2, true);
  bytes.set(units, 20);
  return bytes;
}

const deleteIt = 0x1;
const posixSemantics = 0x2;
const ignoreReadOnly = 0x10;

/** FILE_DISPOSITION_INFORMATION_EX (ntddk.h): the name goes at once, not when the last user lets go. */
export function deleteInformation(): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, deleteIt | posixSemantics | ignoreReadOnly, true);
  return bytes;
}

/** FILE_DISPOSITION_INFORMATION (ntddk.h), for file systems other than NTFS and for Windows before 10 1607. */
export function oldDeleteInformation(): Uint8Array {
  return Uint8Array.of(1);
}
