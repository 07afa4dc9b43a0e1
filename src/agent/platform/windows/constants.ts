/** Access rights, from winnt.h. */
export const access = {
  readData: 0x1,
  addFile: 0x2,
  traverse: 0x20,
  readAttributes: 0x80,
  writeAttributes: 0x100,
  delete: 0x10000,
  readControl: 0x20000,
  /** WRITE_DAC and WRITE_OWNER. */
  writeControl: 0xc0000,
  synchronize: 0x100000,
  genericRead: 0x80000000,
  genericWrite: 0x40000000,
} as const;

/** What others may do to a file while it is open here, from winnt.h. */
export const share = { read: 1, write: 2, delete: 4 } as const;

/** CreateDisposition of NtCreateFile, from winternl.h. */
export const disposition = { open: 1, create: 2, overwriteOrCreate: 5 } as const;

/** CreateOptions of NtCreateFile, from winternl.h. */
export const option = {
  directoryFile: 0x1,
  synchronousNonAlert: 0x20,
  nonDirectoryFile: 0x40,
  deleteOnClose: 0x1000,
  forBackupIntent: 0x4000,
  openReparsePoint: 0x200000,
} as const;

/** File attributes, from winnt.h. */
export const attribute = {
  readOnly: 0x1,
  directory: 0x10,
  device: 0x40,
  normal: 0x80,
  sparse: 0x200,
  reparsePoint: 0x400,
  offline: 0x1000,
  recallOnOpen: 0x40000,
  recallOnDataAccess: 0x400000,
} as const;

/** FILE_INFORMATION_CLASS, from wdm.h. */
export const fileClass = {
  names: 12,
  rename: 10,
  basic: 4,
  standard: 5,
  stream: 22,
  attributeTag: 35,
  id: 59,
  disposition: 13,
  dispositionEx: 64,
} as const;

/** FS_INFORMATION_CLASS, from wdm.h. */
export const volumeClass = { device: 4, fullSize: 7 } as const;
