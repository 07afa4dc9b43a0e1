/** From xnu, bsd/sys/fcntl.h. `node:fs` has some of them, but only those of the system that it runs on. */
export const openFlag = {
  readOnly: 0x0,
  readWrite: 0x2,
  nonBlock: 0x4,
  noFollow: 0x100,
  create: 0x200,
  exclusive: 0x800,
  directory: 0x100000,
  symlink: 0x200000,
  closeOnExec: 0x1000000,
} as const;

export const atFlag = { symlinkNoFollow: 0x20, removeDirectory: 0x80 } as const;

export const fcntlCommand = { getPath: 50, fullFsync: 51 } as const;

/** bsd/sys/stdio.h. */
export const renameExclusive = 0x4;

/** bsd/sys/stat.h: chflags(1), and what the system sets by itself. */
export const fileFlag = {
  userImmutable: 0x2,
  userAppend: 0x4,
  compressed: 0x20,
  systemImmutable: 0x20000,
  systemAppend: 0x40000,
  /** System Integrity Protection: not even root may write. */
  restricted: 0x80000,
  noUnlink: 0x100000,
  /** Kept in a cloud; a read would download it. */
  dataless: 0x40000000,
} as const;

/** bsd/sys/unistd.h: the next place with data, or without. */
export const seek = { hole: 3, data: 4 } as const;

export const lockFlag = { exclusive: 2, nonBlocking: 4 } as const;

/** bsd/sys/resource.h: setpriority and setiopolicy_np. */
export const priority = { darwinProcess: 4, background: 0x1000 } as const;
export const ioPolicy = {
  disk: 0,
  accessTimeUpdates: 2,
  materializeDatalessFiles: 3,
  processScope: 0,
  throttle: 3,
  off: 1,
} as const;
