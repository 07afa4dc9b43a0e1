import { CString, type Pointer, ptr } from 'bun:ffi';
import type { Handle } from '../platform.ts';
import { checked, cString, libSystem } from './libsystem.ts';

/** ACL_TYPE_EXTENDED, the only kind that macOS has (sys/acl.h). */
const extended = 0x100;

/** In the words of acl_to_text(3); undefined when there is none. */
export function readAccessList(file: Handle): Uint8Array | undefined {
  const list = libSystem.acl_get_fd_np(file, extended);
  if (list === 0n) {
    return undefined;
  }
  try {
    const text = libSystem.acl_to_text(list, null);
    const words = text === 0n ? '' : new CString(Number(text) as Pointer).toString();
    libSystem.acl_free(text);
    return new TextEncoder().encode(words);
  } finally {
    libSystem.acl_free(list);
  }
}

export function writeAccessList(file: Handle, words: Uint8Array): void {
  const list = libSystem.acl_from_text(ptr(cString(words)));
  try {
    checked('acl_set_fd_np', list === 0n ? -1 : libSystem.acl_set_fd_np(file, list, extended));
  } finally {
    libSystem.acl_free(list);
  }
}
