import type { ListedHash, ListKind } from '../../list/listed-hash.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface HashListFilter {
  readonly list?: ListKind;
  readonly hashes?: readonly string[];
  /** Leaves out what has expired at this moment. */
  readonly at?: Milliseconds;
}

export interface HashListReader {
  /** Of these hashes, of any algorithm and in lower case, those that are listed, expired ones too. Any number. */
  byHashes(hashes: readonly string[]): Promise<readonly ListedHash[]>;
  /** Whether there is any hash at this moment of which new files are quarantined: mostly there is none. */
  anyPreventing(at: Milliseconds): Promise<boolean>;
  /** Newest first. */
  list(filter: HashListFilter, page: Page): Promise<Listing<ListedHash>>;
}

export interface HashListWriter extends HashListReader {
  /** A hash that is listed already is replaced: it can be on one list only. */
  put(entries: readonly ListedHash[]): Promise<void>;
  /** Unlisted ones are fine. @returns those that were listed. */
  remove(hashes: readonly string[]): Promise<readonly string[]>;
  /** Forgets what has expired at this moment. */
  removeExpired(at: Milliseconds): Promise<void>;
}
