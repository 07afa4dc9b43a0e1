import type { NodeFacts, NodeKind } from '../platform.ts';
import { fromTimespec } from '../timespec.ts';
import { fileFlag } from './constants.ts';

/** Bytes of a `struct stat` with 64-bit inodes (xnu, bsd/sys/stat.h); the same on both processors. */
export const statBytes = 144;

export interface MacStat extends NodeFacts {
  /** What chflags(1) shows, and what the system sets by itself. */
  readonly flags: number;
}

const formatMask = 0o170000;
const kinds: Readonly<Record<number, NodeKind>> = { 0o100000: 'file', 0o040000: 'directory', 0o120000: 'link' };
const bytesPerBlock = 512n;

export function readStat(bytes: Uint8Array): MacStat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const time = (at: number) => fromTimespec(view.getBigInt64(at, true), view.getBigInt64(at + 8, true));
  const mode = view.getUint16(4, true);
  const flags = view.getUint32(116, true);
  const size = view.getBigInt64(96, true);
  const createdNs = time(80);
  return {
    kind: kindOf(mode, flags),
    device: BigInt(view.getInt32(0, true)),
    inode: view.getBigUint64(8, true),
    links: view.getUint16(6, true),
    size: Number(size),
    mode: mode & 0o7777,
    uid: view.getUint32(16, true),
    gid: view.getUint32(20, true),
    accessedNs: time(32),
    modifiedNs: time(48),
    changedNs: time(64),
    createdNs: createdNs > 0n ? createdNs : null,
    sparse: (flags & fileFlag.compressed) === 0 && view.getBigInt64(104, true) * bytesPerBlock < size,
    flags,
  };
}

/** A file whose bytes are in a cloud has none here: an agent that lists a disk must not download a user's cloud drive. */
function kindOf(mode: number, flags: number): NodeKind {
  const kind = kinds[mode & formatMask] ?? 'other';
  return kind === 'file' && (flags & fileFlag.dataless) !== 0 ? 'other' : kind;
}
