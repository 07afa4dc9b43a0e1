import { dlopen, ptr } from 'bun:ffi';
import { ioStatusBytes } from './object-attributes.ts';

/** Handles, sizes and addresses are 64 bits wide; an NTSTATUS comes back as a signed 32-bit number. */
const symbols = {
  NtCreateFile: {
    args: ['ptr', 'u32', 'ptr', 'ptr', 'ptr', 'u32', 'u32', 'u32', 'u32', 'ptr', 'u32'],
    returns: 'i32',
  },
  NtClose: { args: ['u64'], returns: 'i32' },
  NtQueryInformationFile: { args: ['u64', 'ptr', 'ptr', 'u32', 'u32'], returns: 'i32' },
  NtSetInformationFile: { args: ['u64', 'ptr', 'ptr', 'u32', 'u32'], returns: 'i32' },
  NtQueryVolumeInformationFile: { args: ['u64', 'ptr', 'ptr', 'u32', 'u32'], returns: 'i32' },
  NtQueryDirectoryFile: {
    args: ['u64', 'u64', 'ptr', 'ptr', 'ptr', 'ptr', 'u32', 'u32', 'u8', 'ptr', 'u8'],
    returns: 'i32',
  },
  NtFlushBuffersFile: { args: ['u64', 'ptr'], returns: 'i32' },
  RtlAdjustPrivilege: { args: ['u32', 'u8', 'u8', 'ptr'], returns: 'i32' },
} as const;

/** The NT calls themselves: they answer with a status of their own, which nothing between call and look can overwrite. */
export const ntdll = dlopen('ntdll.dll', symbols).symbols;

export function addressOf(bytes: Uint8Array): bigint {
  return BigInt(ptr(bytes));
}

/** An IO_STATUS_BLOCK, whose second word says how many bytes came or went. */
export class IoStatus {
  readonly bytes = new Uint8Array(ioStatusBytes);

  get information(): number {
    return Number(new DataView(this.bytes.buffer).getBigUint64(8, true));
  }
}
