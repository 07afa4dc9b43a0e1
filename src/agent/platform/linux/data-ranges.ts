import type { DataRange, Handle } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { checked, libc } from './libc.ts';

/** lseek(2); the same on every Linux. */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** The parts of a file that are allocated, by the file system's own word. The position of the handle is moved. */
export function dataRanges(file: Handle, size: number): readonly DataRange[] {
  const ranges: DataRange[] = [];
  for (let position = 0; position < size; ) {
    const start = seek(file, position, SEEK_DATA);
    if (start === undefined || start >= size) {
      return ranges;
    }
    const end = Math.min(seek(file, start, SEEK_HOLE) ?? size, size);
    ranges.push({ start, length: end - start });
    position = end;
  }
  return ranges;
}

/** Undefined behind the last data. A file system that knows no holes answers as if all were data. */
function seek(file: Handle, from: number, whence: number): number | undefined {
  try {
    return checked('lseek', libc.lseek(file, BigInt(from), whence));
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENXIO') {
      return undefined;
    }
    if (systemErrorCode(failure) === 'EINVAL') {
      return whence === SEEK_DATA ? from : undefined;
    }
    throw failure;
  }
}
