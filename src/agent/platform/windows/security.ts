import { ptr, type read, toBuffer } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { advapi32 } from './advapi32.ts';
import { kernelHandleOf } from './descriptors.ts';
import { kernel32 } from './kernel32.ts';
import { fromUtf16, utf16 } from './object-attributes.ts';

/** Owner, group and access list: what SECURITY_INFORMATION calls 1, 2 and 4 (winnt.h). */
const ownerGroupAndList = 0x7;
/** PROTECTED_DACL_SECURITY_INFORMATION and DACL_SECURITY_INFORMATION: nothing is inherited. */
const listAlone = 0x80000004;
const fileObject = 1;
const revision = 1;

/** SYSTEM and the administrators, and all that is made below inherits it. */
const privateList = 'D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';

/** Who owns an open file and who may do what with it, in SDDL; undefined where that may not be read. */
export function securityOf(file: Handle): string | undefined {
  const descriptor = new BigUint64Array(1);
  const result = advapi32.GetSecurityInfo(
    kernelHandleOf(file),
    fileObject,
    ownerGroupAndList,
    ...([null, null, null, null, ptr(descriptor)] as const),
  );
  if (result !== 0) {
    return undefined;
  }
  const address = descriptor[0] ?? 0n;
  try {
    return textOf(address);
  } finally {
    kernel32.LocalFree(address);
  }
}

function textOf(descriptor: bigint): string | undefined {
  const text = new BigUint64Array(1);
  const length = new Uint32Array(1);
  const done = advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(
    descriptor,
    revision,
    ownerGroupAndList,
    ptr(text),
    ptr(length),
  );
  if (done === 0) {
    return undefined;
  }
  const address = text[0] ?? 0n;
  try {
    const units = toBuffer(Number(address) as Parameters<typeof read.u8>[0], 0, (length[0] ?? 0) * 2);
    return fromUtf16(units).replace(/\0.*$/su, '');
  } finally {
    kernel32.LocalFree(address);
  }
}

/**
 * Shuts a directory to everybody but SYSTEM and the administrators. (`chmod` changes nothing of that here, and what stands
 * in `ProgramData` may by default be read by every user.)
 * @throws Error when the system refuses.
 */
export function shutDirectory(path: string): void {
  const descriptor = new BigUint64Array(1);
  const parsed = advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
    ptr(utf16(privateList)),
    revision,
    ptr(descriptor),
    null,
  );
  const address = descriptor[0] ?? 0n;
  try {
    if (parsed === 0 || advapi32.SetFileSecurityW(ptr(utf16(path)), listAlone, address) === 0) {
      throw new Error(`${path} could not be shut to other users.`);
    }
  } finally {
    kernel32.LocalFree(address);
  }
}
