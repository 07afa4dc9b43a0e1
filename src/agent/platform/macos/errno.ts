/** xnu, bsd/sys/errno.h: all of them, because `node:os` lacks those that no other system has. */
const names = [
  ...['EPERM', 'ENOENT', 'ESRCH', 'EINTR', 'EIO', 'ENXIO', 'E2BIG', 'ENOEXEC', 'EBADF', 'ECHILD', 'EDEADLK'],
  ...['ENOMEM', 'EACCES', 'EFAULT', 'ENOTBLK', 'EBUSY', 'EEXIST', 'EXDEV', 'ENODEV', 'ENOTDIR', 'EISDIR'],
  ...['EINVAL', 'ENFILE', 'EMFILE', 'ENOTTY', 'ETXTBSY', 'EFBIG', 'ENOSPC', 'ESPIPE', 'EROFS', 'EMLINK'],
  ...['EPIPE', 'EDOM', 'ERANGE', 'EAGAIN', 'EINPROGRESS', 'EALREADY', 'ENOTSOCK', 'EDESTADDRREQ', 'EMSGSIZE'],
  ...['EPROTOTYPE', 'ENOPROTOOPT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'ENOTSUP', 'EPFNOSUPPORT'],
  ...['EAFNOSUPPORT', 'EADDRINUSE', 'EADDRNOTAVAIL', 'ENETDOWN', 'ENETUNREACH', 'ENETRESET', 'ECONNABORTED'],
  ...['ECONNRESET', 'ENOBUFS', 'EISCONN', 'ENOTCONN', 'ESHUTDOWN', 'ETOOMANYREFS', 'ETIMEDOUT', 'ECONNREFUSED'],
  ...['ELOOP', 'ENAMETOOLONG', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOTEMPTY', 'EPROCLIM', 'EUSERS', 'EDQUOT', 'ESTALE'],
  ...['EREMOTE', 'EBADRPC', 'ERPCMISMATCH', 'EPROGUNAVAIL', 'EPROGMISMATCH', 'EPROCUNAVAIL', 'ENOLCK', 'ENOSYS'],
  ...['EFTYPE', 'EAUTH', 'ENEEDAUTH', 'EPWROFF', 'EDEVERR', 'EOVERFLOW', 'EBADEXEC', 'EBADARCH', 'ESHLIBVERS'],
  ...['EBADMACHO', 'ECANCELED', 'EIDRM', 'ENOMSG', 'EILSEQ', 'ENOATTR', 'EBADMSG', 'EMULTIHOP', 'ENODATA'],
  ...['ENOLINK', 'ENOSR', 'ENOSTR', 'EPROTO', 'ETIME', 'EOPNOTSUPP', 'ENOPOLICY', 'ENOTRECOVERABLE'],
  ...['EOWNERDEAD', 'EQFULL'],
] as const;

/** The name of an errno of macOS, whichever system this runs on. */
export function errnoName(errno: number): string {
  return names[errno - 1] ?? `errno ${errno}`;
}

/** A system call that failed, in the shape of `node:fs` errors. */
export class MacError extends Error {
  override readonly name = 'MacError';
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call} failed: ${code}`);
    this.code = code;
  }
}
