import { ptr } from 'bun:ffi';
import type { Attribute, Handle } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { checked, cString, libc } from './libc.ts';

/** The kernel's own bounds: XATTR_LIST_MAX and XATTR_SIZE_MAX. */
const longestList = 64 * 1024;
const longestValue = 64 * 1024;

/** Every extended attribute that this process may read, access control lists and capabilities among them. */
export function readAttributes(file: Handle): readonly Attribute[] {
  return attributeNames(file).flatMap((name) => {
    const value = readAttribute(file, name);
    return value === undefined ? [] : [{ name, value }];
  });
}

export function writeAttribute(file: Handle, attribute: Attribute): void {
  const name = cString(Buffer.from(attribute.name, 'latin1'));
  const value = attribute.value.length === 0 ? new Uint8Array(1) : attribute.value;
  checked('fsetxattr', libc.fsetxattr(file, ptr(name), ptr(value), attribute.value.length, 0));
}

export function removeAttribute(file: Handle, name: string): void {
  const key = cString(Buffer.from(name, 'latin1'));
  checked('fremovexattr', libc.fremovexattr(file, ptr(key)));
}

function attributeNames(file: Handle): readonly string[] {
  const list = Buffer.alloc(longestList);
  try {
    const length = checked('flistxattr', libc.flistxattr(file, ptr(list), list.length));
    return list
      .toString('latin1', 0, length)
      .split('\0')
      .filter((name) => name !== '');
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOTSUP' || systemErrorCode(failure) === 'EOPNOTSUPP') {
      return [];
    }
    throw failure;
  }
}

/** Undefined when it vanished meanwhile or may not be read. */
function readAttribute(file: Handle, name: string): Uint8Array | undefined {
  const value = Buffer.alloc(longestValue);
  const key = cString(Buffer.from(name, 'latin1'));
  try {
    const length = checked('fgetxattr', libc.fgetxattr(file, ptr(key), ptr(value), value.length));
    return new Uint8Array(value.subarray(0, length));
  } catch (failure) {
    if (['ENODATA', 'EPERM', 'EACCES', 'EOPNOTSUPP', 'ENOTSUP'].includes(systemErrorCode(failure) ?? '')) {
      return undefined;
    }
    throw failure;
  }
}
