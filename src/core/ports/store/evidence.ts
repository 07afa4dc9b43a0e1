import type { PrincipalKind } from '../../access/principal.ts';
import type { ActionId, TaskId } from '../../action/action-id.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { IncidentId } from '../../incident/incident-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

/** What had bytes deleted: the age that is set for all, or a person. */
export const deletionRules = ['retention', 'person'] as const;

export type DeletionRule = (typeof deletionRules)[number];

/** That bytes are gone, which is decided and recorded before they go. */
export interface EvidenceDeletion {
  readonly at: Milliseconds;
  readonly rule: DeletionRule;
  /** In words. */
  readonly reason: string;
  readonly by: { readonly kind: PrincipalKind | 'server'; readonly id: string; readonly name: string };
  /** When the bytes were gone from storage; null until then. */
  readonly erasedAt: Milliseconds | null;
}

/** Bytes that evidence storage holds whole and verified, or has held. */
export interface EvidenceRecord {
  readonly sha256: Sha256;
  readonly size: number;
  /** When they were stored last. */
  readonly storedAt: Milliseconds;
  /** When a fetch brought or needed them last: their age counts from here. */
  readonly wantedAt: Milliseconds;
  /** Since when storage is known to hold other bytes; null: it is not. */
  readonly damagedAt: Milliseconds | null;
  /** Null while they are kept. */
  readonly deletion: EvidenceDeletion | null;
}

/** One file of a fetch that these bytes are. */
export interface EvidenceClaim {
  readonly sha256: Sha256;
  readonly taskId: TaskId;
  readonly ordinal: number;
  readonly at: Milliseconds;
}

/** One file of a fetch, and the bytes that it is. */
export type ClaimPlace = Pick<EvidenceClaim, 'sha256' | 'taskId' | 'ordinal'>;

export interface ShownClaim extends EvidenceClaim {
  readonly actionId: ActionId;
  readonly endpointId: EndpointId;
  /** As the action was given it; null for none. */
  readonly incidentId: string | null;
  /** The task has not ended: its agent still has to report. */
  readonly isOpen: boolean;
}

export interface EvidenceHold {
  readonly sha256: Sha256;
  readonly incidentId: IncidentId;
}

/** Where bytes were fetched from, and by which order. */
export interface EvidenceSource extends Omit<ShownClaim, 'isOpen'> {
  /** Display form; null while the endpoint has not reported which file it was. */
  readonly displayPath: string | null;
}

export interface EvidenceFilter {
  readonly states?: readonly ('kept' | 'damaged' | 'deleted')[];
  readonly sha256?: readonly Sha256[];
  /** Part of the path that they were fetched from, as it is shown, in any case. */
  readonly pathContains?: string;
}

/** Where a walk by age goes on. */
export interface EvidencePlace {
  readonly wantedAt: Milliseconds;
  readonly sha256: Sha256;
}

export interface EvidenceTotals {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: number;
}

export interface EvidenceReader {
  byHashes(hashes: readonly Sha256[]): Promise<readonly EvidenceRecord[]>;
  /** Newest first. */
  list(filter: EvidenceFilter, page: Page): Promise<Listing<EvidenceRecord>>;
  /** By hash, then as they were made. */
  claimsOf(hashes: readonly Sha256[]): Promise<readonly ShownClaim[]>;
  /**
   * Of each of these the newest sources, at most `most`, the newest of them first, and how many there are: a whole fleet may have sent
   * the same bytes. Those without any are left out.
   */
  sourcesOf(hashes: readonly Sha256[], most: number): Promise<ReadonlyMap<Sha256, Listing<EvidenceSource>>>;
  /** The same of the actions that claimed them, each once, as it first did. */
  actionsOf(hashes: readonly Sha256[], most: number): Promise<ReadonlyMap<Sha256, Listing<ActionId>>>;
  /**
   * Those of these that are claimed, in no particular order. Any number, in few statements, and at a cost that does not depend on how
   * many others need the same bytes.
   */
  claimedAmong(places: readonly ClaimPlace[]): Promise<readonly ClaimPlace[]>;
  /**
   * Which incidents on hold keep which of these: those that an action which fetched them names, that are about the file that they
   * were fetched as, or that know the hash itself, of a file, a program or an alert.
   */
  holdsOn(hashes: readonly Sha256[]): Promise<readonly EvidenceHold[]>;
  /** What is kept and nobody wanted since `before`, the oldest first, beyond `after`. */
  unwantedSince(
    before: Milliseconds,
    after: EvidencePlace | undefined,
    limit: number,
  ): Promise<readonly EvidenceRecord[]>;
  /** What was deleted and may still lie in storage. */
  unerased(limit: number): Promise<readonly Sha256[]>;
  /** Of what is kept, the damaged included. */
  totals(): Promise<EvidenceTotals>;
}

export interface EvidenceWriter extends EvidenceReader {
  /**
   * Bytes have just been stored whole. What was known of the hash as deleted or damaged counts no more; what is kept as it should be
   * stays as it is.
   */
  insert(record: Pick<EvidenceRecord, 'sha256' | 'size' | 'storedAt'>): Promise<void>;
  /** A fetch needs these bytes, and they are here; a repeated claim is the same one, and they are wanted anew. */
  claim(claim: EvidenceClaim): Promise<void>;
  /** Of what is kept. */
  markDeleted(sha256: Sha256, deletion: Omit<EvidenceDeletion, 'erasedAt'>): Promise<void>;
  /** Of what is deleted. */
  markErased(sha256: Sha256, at: Milliseconds): Promise<void>;
  /** @returns whether it was kept and not known to be damaged. */
  markDamaged(sha256: Sha256, at: Milliseconds): Promise<boolean>;
}
