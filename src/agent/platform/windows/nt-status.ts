/**
 * What the NT calls answer (ntstatus.h of the Windows SDK), in the code names of `node:fs`, so that `operations/ending.ts`
 * reads failures of all systems the same way.
 */
export const statusCodes: Readonly<Record<number, string>> = {
  [0xc0000002]: 'ENOSYS', // NOT_IMPLEMENTED
  [0xc0000003]: 'ENOSYS', // INVALID_INFO_CLASS
  [0xc0000008]: 'EBADF', // INVALID_HANDLE
  [0xc000000d]: 'EINVAL', // INVALID_PARAMETER
  [0xc000000f]: 'ENOENT', // NO_SUCH_FILE
  [0xc0000010]: 'ENOTSUP', // INVALID_DEVICE_REQUEST
  [0xc0000013]: 'EIO', // NO_MEDIA_IN_DEVICE
  [0xc0000022]: 'EACCES', // ACCESS_DENIED
  [0xc0000032]: 'EIO', // DISK_CORRUPT_ERROR
  [0xc0000033]: 'ENOENT', // OBJECT_NAME_INVALID: nothing can have this name
  [0xc0000034]: 'ENOENT', // OBJECT_NAME_NOT_FOUND
  [0xc0000035]: 'EEXIST', // OBJECT_NAME_COLLISION
  [0xc000003a]: 'ENOENT', // OBJECT_PATH_NOT_FOUND
  [0xc000003b]: 'ENOENT', // OBJECT_PATH_SYNTAX_BAD
  [0xc000003f]: 'EIO', // CRC_ERROR
  [0xc0000043]: 'EBUSY', // SHARING_VIOLATION
  [0xc0000044]: 'EDQUOT', // QUOTA_EXCEEDED
  [0xc0000054]: 'EBUSY', // FILE_LOCK_CONFLICT
  [0xc0000055]: 'EAGAIN', // LOCK_NOT_GRANTED
  [0xc0000056]: 'ENOENT', // DELETE_PENDING: it goes when its last user lets it go
  [0xc0000061]: 'EPERM', // PRIVILEGE_NOT_HELD
  [0xc000007f]: 'ENOSPC', // DISK_FULL
  [0xc0000098]: 'ESTALE', // FILE_INVALID
  [0xc000009a]: 'ENOMEM', // INSUFFICIENT_RESOURCES
  [0xc00000a2]: 'EROFS', // MEDIA_WRITE_PROTECTED
  [0xc00000a3]: 'EIO', // DEVICE_NOT_READY
  [0xc00000b5]: 'ETIMEDOUT', // IO_TIMEOUT
  [0xc00000ba]: 'EISDIR', // FILE_IS_A_DIRECTORY
  [0xc00000bb]: 'ENOTSUP', // NOT_SUPPORTED
  [0xc00000be]: 'EHOSTDOWN', // BAD_NETWORK_PATH
  [0xc00000c9]: 'ESTALE', // NETWORK_NAME_DELETED
  [0xc00000d4]: 'EXDEV', // NOT_SAME_DEVICE
  [0xc0000101]: 'ENOTEMPTY', // DIRECTORY_NOT_EMPTY
  [0xc0000102]: 'EIO', // FILE_CORRUPT_ERROR
  [0xc0000103]: 'ENOTDIR', // NOT_A_DIRECTORY
  [0xc0000106]: 'ENAMETOOLONG', // NAME_TOO_LONG
  [0xc000011f]: 'EMFILE', // TOO_MANY_OPENED_FILES
  [0xc0000121]: 'EPERM', // CANNOT_DELETE
  [0xc0000123]: 'ENOENT', // FILE_DELETED
  [0xc0000128]: 'EBADF', // FILE_CLOSED
  [0xc0000178]: 'EIO', // NO_MEDIA
  [0xc0000185]: 'EIO', // IO_DEVICE_ERROR
  [0xc000026e]: 'EIO', // VOLUME_DISMOUNTED
  [0xc0000279]: 'ELOOP', // IO_REPARSE_TAG_NOT_HANDLED
  [0xc000050b]: 'ELOOP', // REPARSE_POINT_ENCOUNTERED
  [0xc0000906]: 'EPERM', // VIRUS_INFECTED: the machine's own scanner keeps the file shut
  [0xc0000907]: 'ENOENT', // VIRUS_DELETED
  [0x8000002d]: 'ELOOP', // STOPPED_ON_SYMLINK
};

/** What ends a listing; no failures. */
export const noMoreFiles = 0x80000006;
export const noSuchFile = 0xc000000f;
/** What was asked for did not fit. */
export const bufferOverflow = 0x80000005;

/** A call of NT that failed, in the shape of `node:fs` errors. */
export class NtError extends Error {
  override readonly name = 'NtError';
  readonly code: string;
  readonly status: number;

  constructor(call: string, status: number) {
    const hex = `0x${status.toString(16).padStart(8, '0')}`;
    const code = statusCodes[status] ?? `NTSTATUS ${hex}`;
    super(`${call} failed: ${code} (${hex})`);
    this.code = code;
    this.status = status;
  }
}

/** As an unsigned number: a call returns it as a signed one. */
export function statusOf(result: number): number {
  return result >>> 0;
}

/** Whether a status says that the call did what was asked (`NT_SUCCESS`). */
export function isSuccess(status: number): boolean {
  return status < 0x80000000;
}

/** Whether this system, or this file system, has no such call or kind of information: the older one may be asked for. */
export function isUnknownToSystem(failure: unknown): boolean {
  return failure instanceof NtError && ['EINVAL', 'ENOSYS', 'ENOTSUP'].includes(failure.code);
}
