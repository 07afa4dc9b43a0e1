import type { ActionId } from '../../action/action-id.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { QuarantineRecord, QuarantineState, VaultObjectId } from '../../file/quarantine-record.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface QuarantineFilter {
  readonly endpointIds?: readonly EndpointId[];
  readonly sha256?: readonly Sha256[];
  readonly states?: readonly QuarantineState[];
}

export interface Restored {
  readonly vaultObject: VaultObjectId;
  readonly endpointId: EndpointId;
  readonly at: Milliseconds;
  readonly by: ActionId;
}

export interface QuarantineReader {
  /** Newest first. */
  list(filter: QuarantineFilter, page: Page): Promise<Listing<QuarantineRecord>>;
  /** Distinct endpoints that have a record of this hash in this state. */
  endpointsWith(sha256: Sha256, state: QuarantineState): Promise<readonly EndpointId[]>;
}

export interface QuarantineWriter extends QuarantineReader {
  /** A vault object that is known already is left as it is. */
  insert(records: readonly QuarantineRecord[]): Promise<void>;
  /** An object changes only when that endpoint holds it; many at once, in few statements. */
  markRestored(restored: readonly Restored[]): Promise<void>;
}
