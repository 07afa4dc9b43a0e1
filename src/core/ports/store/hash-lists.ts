import type { ListedHash, ListKind } from '../../list/listed-hash.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface HashListFilter {
  readonly list?: ListKind;
  readonly hashes?: readonly string[];
  /** Parts of texts, found anywhere within; the case of A to Z does not count. */
  readonly hashContains?: string;
  readonly commentContains?: string;
  readonly listedByContains?: string;
  readonly prevent?: boolean;
  /** Leaves out what has expired at this moment. */
  readonly at?: Milliseconds;
}

export const listedHashOrders = ['listedAt', 'hash', 'expiresAt'] as const;

/** By `expiresAt`, what never expires comes after all that does. Ties are broken by hash. */
export interface HashListOrder {
  readonly by: (typeof listedHashOrders)[number];
  readonly direction: 'ascending' | 'descending';
}

export interface HashListReader {
  /** Of these hashes, of any algorithm and in lower case, those that are listed, expired ones too. Any number. */
  byHashes(hashes: readonly string[]): Promise<readonly ListedHash[]>;
  /** Whether there is any hash at this moment of which new files are quarantined: mostly there is none. */
  anyPreventing(at: Milliseconds): Promise<boolean>;
  /** Newest first, unless another order is given. */
  list(filter: HashListFilter, page: Page, order?: HashListOrder): Promise<Listing<ListedHash>>;
}

export interface HashListWriter extends HashListReader {
  /** A hash that is listed already is replaced: it can be on one list only. */
  put(entries: readonly ListedHash[]): Promise<void>;
  /** Unlisted ones are fine. @returns those that were listed. */
  remove(hashes: readonly string[]): Promise<readonly string[]>;
  /** Forgets what has expired at this moment. */
  removeExpired(at: Milliseconds): Promise<void>;
}
