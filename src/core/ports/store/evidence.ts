import type { Sha256 } from '../../file/hash.ts';
import type { Milliseconds } from '../../time.ts';

/** Bytes that evidence storage holds whole and verified. */
export interface EvidenceRecord {
  readonly sha256: Sha256;
  readonly size: number;
  readonly storedAt: Milliseconds;
}

export interface EvidenceReader {
  byHashes(hashes: readonly Sha256[]): Promise<readonly EvidenceRecord[]>;
}

export interface EvidenceWriter extends EvidenceReader {
  /** A hash that is known already is left as it is. */
  insert(record: EvidenceRecord): Promise<void>;
}
