import type { DataRange, Handle } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { seek } from './constants.ts';
import { checked, libSystem } from './libsystem.ts';

/** One range over all on a file system that cannot tell. */
export function dataRanges(file: Handle, size: number): readonly DataRange[] {
  const ranges: DataRange[] = [];
  try {
    for (let start = next(file, 0, seek.data); start < size; start = next(file, start, seek.data)) {
      const end = Math.min(size, next(file, start, seek.hole));
      ranges.push({ start, length: end - start });
      start = end;
    }
    return ranges;
  } catch (failure) {
    switch (systemErrorCode(failure)) {
      case 'ENXIO':
        return ranges;
      case 'EINVAL':
      case 'ENOTSUP':
      case 'ENOTTY':
        return size === 0 ? [] : [{ start: 0, length: size }];
      default:
        throw failure;
    }
  }
}

function next(file: Handle, from: number, what: number): number {
  return checked('lseek', libSystem.lseek(file, from, what));
}
