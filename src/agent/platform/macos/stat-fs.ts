/** Bytes of a `struct statfs` with 64-bit inodes (xnu, bsd/sys/mount.h). */
export const statFsBytes = 2168;

export interface MacStatFs {
  readonly type: string;
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
}

const typeNameAt = 72;
const typeNameBytes = 16;

export function readStatFs(bytes: Uint8Array): MacStatFs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = Buffer.from(bytes.subarray(typeNameAt, typeNameAt + typeNameBytes)).toString('latin1');
  return {
    type: name.replace(/\0.*$/s, ''),
    freeBytes: Number(view.getBigUint64(24, true) * BigInt(view.getUint32(0, true))),
  };
}

/** File systems whose contents are made up, or appear when somebody looks. */
const pseudoTypes: ReadonlySet<string> = new Set(['devfs', 'autofs', 'fdesc', 'procfs', 'volfs']);

export function isPseudoType(type: string): boolean {
  return pseudoTypes.has(type);
}
