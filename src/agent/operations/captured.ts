import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import type { OutcomeDetails } from '#core/outcome-details.ts';
import { Ended } from './ending.ts';
import type { VaultRoom } from './room.ts';

export interface Captured {
  readonly sha256: Sha256;
  readonly size: number;
  /** Whether somebody wrote to the file while it was read, each time that it was tried. */
  readonly changed: boolean;
  readonly details: OutcomeDetails;
}

/** What a fetch asks for; the same as in its order. */
export interface Wanted {
  readonly path: FilePath;
  readonly vaultObject: VaultObjectId | null;
  readonly indexedSha256: Sha256 | null;
}

/** Where the bytes go. */
export interface CaptureTarget {
  readonly file: string;
  readonly spool: string;
}

/** What must stay free on the spool's file system beside the bytes. */
const reservedBytes = 64 * 1024 * 1024;

/** @throws Ended `no_space`. */
export function demandSpoolSpace({ platform }: VaultRoom, { spool }: CaptureTarget, bytes: number): void {
  if (platform.freeBytes(spool) < bytes + reservedBytes) {
    throw new Ended({ outcome: 'no_space', message: 'The agent’s spool has no space for the file.' });
  }
}
