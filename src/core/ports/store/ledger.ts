import type { Frontier } from '../../ledger/frontier.ts';
import type { ReadNodes } from '../../ledger/proof.ts';
import type { TreeHash } from '../../ledger/tree-hash.ts';
import type { EventFilter } from './events.ts';

/** An event as it stands in the store, beside the hash that was kept of it when it was written. */
export interface KeptLeaf {
  readonly sequence: number;
  /** `writeLeaf` of what stands there now. */
  readonly bytes: Uint8Array;
  /** Null: none was kept. */
  readonly hash: TreeHash | null;
}

/** The Merkle log whose leaves the events are: leaf n is the event with the sequence n + 1. */
export interface LedgerReader {
  frontier(): Promise<Frontier>;
  /** Of nodes whose leaves are all sealed. @throws Fault `not_found` where one is missing */
  readonly nodes: ReadNodes;
  /** Ascending, from the first one after the sequence `after`, at most `limit`. */
  leaves(after: number, limit: number): Promise<readonly KeptLeaf[]>;
  /** The same, of those events alone that the filter leaves. */
  leavesOf(filter: EventFilter, after: number, limit: number): Promise<readonly Pick<KeptLeaf, 'sequence' | 'bytes'>[]>;
}

export interface LedgerWriter extends LedgerReader {
  /**
   * Makes leaves of events that a program without a ledger wrote, at most `limit`. New events are sealed as they are appended.
   * @returns how many were sealed; fewer than `limit`: all are.
   */
  seal(limit: number): Promise<number>;
}
