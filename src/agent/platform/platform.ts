import type { Brand } from '#core/brand.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Md5, Sha1, Sha256 } from '#core/file/hash.ts';
import type { RunningProcess } from '#core/outcome-details.ts';
import type { Watching } from './watching.ts';

/** An open descriptor that belongs to this process. */
export type Handle = Brand<number, 'Handle'>;

/** One name in one open directory. A name is bytes and never contains a separator. */
export interface Place {
  readonly directory: Handle;
  readonly name: Uint8Array;
}

export type NodeKind = 'file' | 'directory' | 'link' | 'other';

/** What the kernel says of an open handle. Times are nanoseconds since 1970. */
export interface NodeFacts {
  readonly kind: NodeKind;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  readonly size: number;
  /** The 12 permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
  readonly createdNs: bigint | null;
  /** Whether fewer blocks are allocated than the size needs. */
  readonly sparse: boolean;
}

/** A directory on the way to a file. Its device number changes over reboots; its inode and owner do not. */
export type ChainLink = Pick<NodeFacts, 'device' | 'inode' | 'uid'>;

/** A part of a file that is allocated, in bytes. */
export interface DataRange {
  readonly start: number;
  readonly length: number;
}

/** The directory that holds the last component of a path, reached without following a link that others could have made. */
export interface Parent extends Place {
  /** Every directory that was passed, from the root to this one. */
  readonly chain: readonly ChainLink[];
  /** Every directory on the way is root's or `uid`'s, and nobody else may rename in it. */
  isSafeFor(uid: number): boolean;
}

/** A named piece of metadata (an extended attribute on Linux). */
export interface Attribute {
  readonly name: string;
  readonly value: Uint8Array;
}

export interface FileDigests {
  readonly sha256: Sha256;
  readonly sha1: Sha1;
  readonly md5: Md5;
}

export interface LockOptions {
  readonly wait: boolean;
  /**
   * For a file that is locked by shares: this byte of it, beside which others may have other bytes, or all of them. It is asked
   * for at every lock of the file, or at none. Where a system keeps no such locks it is the whole.
   */
  readonly share?: bigint | 'whole';
}

/**
 * What the agent asks of an operating system beyond `node:fs`. Every call is synchronous and relative to an open
 * directory: an asynchronous call can be executed after its descriptor was closed and used again. Failures are thrown with the system's code, see `systemErrorCode`.
 */
export interface PackageRecords {
  /** The package that put just these bytes at this path. */
  ownerOf(path: Uint8Array, digests: FileDigests): string | undefined;
}

export interface Platform {
  /** Whether files may be taken away and brought back here; false: quarantine, restore and purge end `unsupported`. */
  readonly takesFiles: boolean;
  /** @throws UnsafePath where the path would lead through a link that root did not make. */
  openParent(path: FilePath): Parent;
  openDirectoryPath(path: FilePath): Handle;
  /** Holds whatever has this name, links included, without opening it. */
  pin(place: Place): Handle;
  facts(handle: Handle): NodeFacts;
  /** The very file that a pin holds. Never blocks on a special file. */
  openPinned(pin: Handle): Handle;
  openDirectory(place: Place): Handle;
  /** New, 0600, for reading and writing; fails when the name is taken. */
  createFile(place: Place): Handle;
  /** New, 0700; fails when the name is taken. */
  createDirectory(place: Place): void;
  /** Atomic, and never replaces anything: fails with EEXIST. */
  move(from: Place, to: Place): void;
  remove(place: Place): void;
  removeDirectory(place: Place): void;
  /** Every name in the directory, in no order. */
  names(directory: Handle): readonly Uint8Array[];
  /** Makes what was created, moved and removed in a directory durable. */
  syncDirectory(directory: Handle): void;
  setTimes(file: Handle, times: { readonly accessedNs: bigint; readonly modifiedNs: bigint }): void;
  attributes(file: Handle): readonly Attribute[];
  setAttribute(file: Handle, attribute: Attribute): void;
  removeAttribute(file: Handle, name: string): void;
  /** The parts that are allocated, in order; between them are holes. One range over all where the system cannot tell. */
  dataRanges(file: Handle, size: number): readonly DataRange[];
  /** Whether the system forbids changes to this open file by a flag of its own. */
  isImmutable(file: Handle): boolean;
  /** Whether the file system makes its contents up, like /proc: there is nothing to take, and a read may do things. */
  isPseudo(handle: Handle): boolean;
  /** Bytes that this process may still write on the file system that holds the directory. */
  freeBytes(directory: string | Handle): number;
  /** The flags of chattr(1), as the kernel numbers them; 0 where the file system keeps none. */
  fileFlags(file: Handle): number;
  setFileFlags(file: Handle, flags: number): void;
  /** Where an open directory is now, as the kernel names it. */
  pathOf(directory: Handle): Uint8Array;
  /** The processes whose program is this very file, at most `mostProcesses`. */
  processesRunning(facts: Pick<NodeFacts, 'device' | 'inode'>): readonly RunningProcess[];
  /** Every file that a process runs as its program, as `device:inode` in decimal. */
  runningPrograms(): ReadonlySet<string>;
  /** The system package that put just these bytes at this path, by the package manager's own record; undefined: none. */
  packageOf(path: Uint8Array, digests: FileDigests): string | undefined;
  /** The same, for many files one after the other. */
  packageRecords(): PackageRecords;
  close(handle: Handle): void;
  /**
   * Waits for, or tries, the exclusive lock of a file in our own directory; it ends with this process or with the returned
   * call. Undefined when another process has it.
   */
  lock(path: string, options: LockOptions): (() => void) | undefined;
  /** Makes the kernel end this process when its parent ends. */
  dieWithParent(): void;
  /** Lowest priority for processor and disk. */
  yieldToOthers(): void;
  /** How changes in directories are told; undefined where the inventory has to scan for them. */
  readonly watch: Watching | undefined;
  /** What the agent must never take away, see `operations/protected.ts`. */
  isSystemCritical(path: Uint8Array, facts: NodeFacts): boolean;
}

/** A path that cannot be reached without trusting a link, or that is no plain absolute path. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath';
}
