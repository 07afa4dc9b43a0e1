import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Milliseconds } from '../time.ts';
import type { FilePath } from './file-path.ts';
import type { Guid } from './guid.ts';
import type { Md5, Sha1, Sha256 } from './hash.ts';

export const fileKinds = ['elf', 'pe', 'mach_o', 'script', 'other'] as const;

export type FileKind = (typeof fileKinds)[number];

export type FileState = 'present' | 'quarantined' | 'gone';

/** What an agent says of one file. Nanosecond times are decimal text: they do not fit a double. */
export interface FileFacts {
  readonly path: FilePath;
  readonly size: number;
  readonly sha256: Sha256;
  readonly sha1: Sha1;
  readonly md5: Md5;
  readonly modifiedNs: string;
  readonly changedNs: string;
  /** Null where the file system keeps no birth time. */
  readonly createdNs: string | null;
  /** The 12 permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly kind: FileKind;
  /** The package whose record holds just these bytes at this path; null where none does, or the agent did not say. */
  readonly package: string | null;
}

const nanosecondsPerMillisecond = 1_000_000n;

/**
 * Whether a file that was seen is the very one that went into the vault: one with other bytes, or that changed after it
 * was taken, is another file in its place. Both times are the endpoint's.
 */
export function isFileTaken(
  seen: Pick<FileFacts, 'sha256' | 'changedNs'>,
  taken: { readonly sha256: Sha256; readonly takenAt: Milliseconds },
): boolean {
  return seen.sha256 === taken.sha256 && BigInt(seen.changedNs) <= BigInt(taken.takenAt) * nanosecondsPerMillisecond;
}

/** A file that an agent has reported. */
export interface FileRecord extends FileFacts {
  readonly guid: Guid;
  readonly endpointId: EndpointId;
  readonly displayPath: string;
  readonly name: string;
  readonly state: FileState;
  readonly seenAt: Milliseconds;
  /** Since when the server knows of these bytes at this place, by its own clock. */
  readonly firstSeenAt: Milliseconds;
}
