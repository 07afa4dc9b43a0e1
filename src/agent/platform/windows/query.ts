import { ptr } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { kernelHandleOf } from './descriptors.ts';
import { bufferOverflow, isSuccess, NtError, noMoreFiles, noSuchFile, statusOf } from './nt-status.ts';
import { IoStatus, ntdll } from './ntdll.ts';

/** What NT says of an open file, as the bytes of one of its structures. */
export function queryFile(handle: Handle, fileClass: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const io = new IoStatus();
  const status = ntdll.NtQueryInformationFile(kernelHandleOf(handle), ptr(io.bytes), ptr(bytes), length, fileClass);
  demand('NtQueryInformationFile', status);
  return bytes.subarray(0, io.information);
}

/** The same where the length is not known before: tried again with more room up to a bound. */
export function queryGrowing(handle: Handle, fileClass: number, most: number): Uint8Array {
  for (let length = 4096; ; length *= 4) {
    try {
      return queryFile(handle, fileClass, length);
    } catch (failure) {
      const isShort = failure instanceof NtError && failure.status === bufferOverflow;
      if (!isShort || length >= most) {
        throw failure;
      }
    }
  }
}

export function setFile(handle: Handle, fileClass: number, bytes: Uint8Array): void {
  const io = new IoStatus();
  const kernelHandle = kernelHandleOf(handle);
  const status = ntdll.NtSetInformationFile(kernelHandle, ptr(io.bytes), ptr(bytes), bytes.length, fileClass);
  demand('NtSetInformationFile', status);
}

export function queryVolume(handle: Handle, volumeClass: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const io = new IoStatus();
  const kernelHandle = kernelHandleOf(handle);
  const status = ntdll.NtQueryVolumeInformationFile(kernelHandle, ptr(io.bytes), ptr(bytes), length, volumeClass);
  demand('NtQueryVolumeInformationFile', status);
  return bytes;
}

export function flush(handle: Handle): void {
  const io = new IoStatus();
  demand('NtFlushBuffersFile', ntdll.NtFlushBuffersFile(kernelHandleOf(handle), ptr(io.bytes)));
}

/** One bufferful of a directory, from its beginning or from where the last one ended; undefined at its end. */
export function readDirectory(
  directory: Handle,
  fileClass: number,
  { buffer, restart }: { readonly buffer: Uint8Array; readonly restart: boolean },
): Uint8Array | undefined {
  const io = new IoStatus();
  const status = statusOf(
    ntdll.NtQueryDirectoryFile(
      ...([kernelHandleOf(directory), 0n, null, null, ptr(io.bytes), ptr(buffer), buffer.length] as const),
      ...([fileClass, 0, null, restart ? 1 : 0] as const),
    ),
  );
  if (status === noMoreFiles || (status === noSuchFile && restart)) {
    return undefined;
  }
  if (!isSuccess(status)) {
    throw new NtError('NtQueryDirectoryFile', status);
  }
  return buffer.subarray(0, io.information);
}

function demand(call: string, result: number): void {
  const status = statusOf(result);
  if (!isSuccess(status)) {
    throw new NtError(call, status);
  }
}
