import { ptr } from 'bun:ffi';
import type { Attribute, Handle } from '../platform.ts';
import { systemErrorCode } from '../system-error.ts';
import { readAccessList, writeAccessList } from './access-list.ts';
import { checked, cString, libSystem } from './libsystem.ts';

/** The attribute that holds the access control list, which is no extended attribute here; no real one has a blank in it. */
const accessListName = 'access control list';
/** Among them the resource fork, which may be long. */
const longestValue = 64 * 1024 * 1024;

/** Every extended attribute that this process may read, `com.apple.quarantine` and resource forks too, and the list. */
export function readAttributes(file: Handle): readonly Attribute[] {
  const extended = attributeNames(file).flatMap((name) => {
    const value = readAttribute(file, name);
    return value === undefined ? [] : [{ name, value }];
  });
  const list = readAccessList(file);
  return list === undefined ? extended : [...extended, { name: accessListName, value: list }];
}

export function writeAttribute(file: Handle, { name, value }: Attribute): void {
  if (name === accessListName) {
    writeAccessList(file, value);
    return;
  }
  const [key, bytes] = [keyOf(name), value.length === 0 ? new Uint8Array(1) : value];
  checked('fsetxattr', libSystem.fsetxattr(file, ptr(key), ptr(bytes), value.length, 0, 0));
}

export function removeAttribute(file: Handle, name: string): void {
  checked('fremovexattr', libSystem.fremovexattr(file, ptr(keyOf(name)), 0));
}

function attributeNames(file: Handle): readonly string[] {
  try {
    const length = checked('flistxattr', libSystem.flistxattr(file, null, 0, 0));
    const list = Buffer.alloc(length + 4096);
    const written = checked('flistxattr', libSystem.flistxattr(file, ptr(list), list.length, 0));
    const text = list.toString('latin1', 0, written);
    return text.split('\0').filter((name) => name !== '');
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOTSUP') {
      return [];
    }
    throw failure;
  }
}

/** Undefined when it vanished meanwhile or may not be read. */
function readAttribute(file: Handle, name: string): Uint8Array | undefined {
  const key = keyOf(name);
  try {
    const length = checked('fgetxattr', libSystem.fgetxattr(file, ptr(key), null, 0, 0, 0));
    if (length > longestValue) {
      throw Object.assign(new Error(`The attribute ${name} has ${length} bytes.`), { code: 'EFBIG' });
    }
    const value = new Uint8Array(length + 1);
    const written = checked('fgetxattr', libSystem.fgetxattr(file, ptr(key), ptr(value), value.length, 0, 0));
    return value.subarray(0, written);
  } catch (failure) {
    if (['ENOATTR', 'EPERM', 'EACCES', 'ENOTSUP'].includes(systemErrorCode(failure) ?? '')) {
      return undefined;
    }
    throw failure;
  }
}

function keyOf(name: string): Uint8Array {
  return cString(Buffer.from(name, 'latin1'));
}
