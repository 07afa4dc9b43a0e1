import { ptr } from 'bun:ffi';
import fs from 'node:fs';
import type { Handle } from '../platform.ts';
import { kernelHandleOf } from './descriptors.ts';
import { kernel32 } from './kernel32.ts';

const failImmediately = 0x1;
const exclusive = 0x2;
const overlappedBytes = 32;

/**
 * The system lets the lock go when this process ends, however it ends. One byte far behind the file's end is locked, so
 * that the file itself can still be read.
 */
export function lock(path: string, options: { readonly wait: boolean }): (() => void) | undefined {
  const file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600) as Handle;
  if (lockFile(file, options.wait)) {
    return () => fs.closeSync(file);
  }
  fs.closeSync(file);
  if (options.wait) {
    throw new Error(`${path} could not be locked.`);
  }
  return undefined;
}

function lockFile(file: Handle, wait: boolean): boolean {
  const overlapped = new Uint8Array(overlappedBytes);
  new DataView(overlapped.buffer).setBigUint64(16, 0x7fff_ffff_0000_0000n, true);
  const flags = wait ? exclusive : exclusive | failImmediately;
  return kernel32.LockFileEx(kernelHandleOf(file), flags, 0, 1, 0, ptr(overlapped)) !== 0;
}
