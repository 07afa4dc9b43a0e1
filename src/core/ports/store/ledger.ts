import type { Frontier } from '../../ledger/frontier.ts';
import type { ReadNodes } from '../../ledger/proof.ts';

/** `writeLeaf` of an event as it stands in the store now. */
export interface WrittenLeaf {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The Merkle log whose leaves the events are: leaf n is the event with the sequence n + 1. */
export interface LedgerReader {
  frontier(): Promise<Frontier>;
  /** Of nodes whose leaves are all sealed. @throws Fault `not_found` where one is missing */
  readonly nodes: ReadNodes;
  /** Ascending, from the first one after the sequence `after`, at most `limit`. */
  leaves(after: number, limit: number): Promise<readonly WrittenLeaf[]>;
}

export interface LedgerWriter extends LedgerReader {
  /**
   * Makes leaves of events that a program without a ledger wrote, at most `limit`. New events are sealed as they are appended.
   * @returns how many were sealed; fewer than `limit`: all are.
   */
  seal(limit: number): Promise<number>;
}
