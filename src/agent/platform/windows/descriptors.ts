import { dlopen } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { NtError } from './nt-status.ts';
import { ntdll } from './ntdll.ts';

/**
 * A `Handle` is what `node:fs` calls a descriptor on every system, so that the operations can read, write and close it
 * there. On Windows the runtime numbers kernel handles itself, in the libuv that it carries and exports for add-ons: these
 * two functions turn one into the other. (A kernel handle by itself would fit a JavaScript number, too: only 32 of its 64
 * bits count, https://learn.microsoft.com/windows/win32/winprog64/interprocess-communication.)
 */
const libuv = dlopen(process.execPath, {
  uv_open_osfhandle: { args: ['u64'], returns: 'i32' },
  uv_get_osfhandle: { args: ['i32'], returns: 'u64' },
}).symbols;

/** The descriptor owns the kernel handle from here on: closing the one closes the other. */
export function descriptorOf(kernelHandle: bigint): Handle {
  const descriptor = libuv.uv_open_osfhandle(kernelHandle);
  if (descriptor < 0) {
    ntdll.NtClose(kernelHandle);
    throw new NtError('uv_open_osfhandle', 0xc000011f);
  }
  return descriptor as Handle;
}

/** @throws NtError `EBADF`. */
export function kernelHandleOf(descriptor: Handle): bigint {
  const kernelHandle = BigInt(libuv.uv_get_osfhandle(descriptor));
  if (kernelHandle === 0xffff_ffff_ffff_ffffn || kernelHandle === 0xffff_ffff_ffff_fffen) {
    throw new NtError('uv_get_osfhandle', 0xc0000008);
  }
  return kernelHandle;
}
