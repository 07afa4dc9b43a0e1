import { ptr } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { checked, libc } from './libc.ts';

/** From linux/fs.h, the same on x64 and arm64. They are declared with a long and move an int. */
const FS_IOC_GETFLAGS = 0x80086601n;
const FS_IOC_SETFLAGS = 0x40086602n;
const immutableOrAppendOnly = 0x10 | 0x20;
/** What a file system answers that keeps no flags. */
const noFlags: ReadonlySet<string> = new Set([
  'ENOTTY',
  'EOPNOTSUPP',
  'ENOTSUP',
  'ENOSYS',
  'EINVAL',
  'EACCES',
  'EPERM',
]);

/** The flags of chattr(1); 0 where the file system keeps none. */
export function fileFlags(file: Handle): number {
  const flags = new Uint32Array(2);
  try {
    checked('ioctl', libc.ioctl(file, FS_IOC_GETFLAGS, ptr(flags)));
  } catch (failure) {
    if (!noFlags.has(systemErrorCode(failure) ?? '')) {
      throw failure;
    }
    return 0;
  }
  return flags[0] ?? 0;
}

export function setFileFlags(file: Handle, flags: number): void {
  const value = new Uint32Array([flags, 0]);
  checked('ioctl', libc.ioctl(file, FS_IOC_SETFLAGS, ptr(value)));
}

export function isImmutable(file: Handle): boolean {
  return (fileFlags(file) & immutableOrAppendOnly) !== 0;
}
