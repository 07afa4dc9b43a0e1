import type { Change } from '../watching.ts';

const IN_MODIFY = 0x2;
const IN_ATTRIB = 0x4;
const IN_CREATE = 0x100;
const IN_Q_OVERFLOW = 0x4000;
const IN_IGNORED = 0x8000;
const IN_ISDIR = 0x40000000;
const headBytes = 16;

/**
 * Takes `struct inotify_event`s apart, inotify(7). What is told of a directory's own attributes is left out: nothing that
 * the inventory has of a directory can change by it.
 * @returns whether the kernel's queue was whole.
 */
export function readChanges(bytes: Buffer, changes: Change[]): boolean {
  let isWhole = true;
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const mask = bytes.readUInt32LE(at + 4);
    const end = at + headBytes + bytes.readUInt32LE(at + 12);
    if ((mask & IN_Q_OVERFLOW) !== 0) {
      isWhole = false;
    } else if ((mask & IN_IGNORED) === 0 && !isOfDirectoryItself(mask, end - at)) {
      changes.push({
        watch: bytes.readInt32LE(at),
        name: nameIn(bytes, at + headBytes, end),
        isUnderWay: goesOn(mask),
      });
    }
    at = end;
  }
  return isWhole;
}

function isOfDirectoryItself(mask: number, length: number): boolean {
  return (mask & IN_ATTRIB) !== 0 && ((mask & IN_ISDIR) !== 0 || length === headBytes);
}

function goesOn(mask: number): boolean {
  return (mask & IN_MODIFY) !== 0 || ((mask & IN_CREATE) !== 0 && (mask & IN_ISDIR) === 0);
}

/** A copy: the buffer is read into again. Names are padded with NUL. */
function nameIn(bytes: Buffer, from: number, to: number): Uint8Array {
  const end = bytes.indexOf(0, from);
  return new Uint8Array(bytes.subarray(from, end === -1 || end > to ? to : end));
}
