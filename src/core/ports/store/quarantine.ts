import type { ActionId } from '../../action/action-id.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Guid } from '../../file/guid.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { QuarantineRecord, QuarantineState } from '../../file/quarantine-record.ts';
import type { VaultObjectId } from '../../file/vault-object-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface QuarantineFilter {
  readonly endpointIds?: readonly EndpointId[];
  readonly sha256?: readonly Sha256[];
  readonly states?: readonly QuarantineState[];
  readonly vaultObjects?: readonly VaultObjectId[];
  /** What these actions put into vaults. */
  readonly actionIds?: readonly ActionId[];
  /** Part of the path as it is shown, in any case. */
  readonly pathContains?: string;
}

/** What vaults hold, or held, of one content; counted over the records that were asked for. */
export interface QuarantinedContent {
  readonly sha256: Sha256;
  readonly size: number;
  readonly objects: Readonly<Record<QuarantineState, number>>;
  /** Held objects that no longer hold the file. */
  readonly damaged: number;
  readonly endpoints: number;
  readonly paths: number;
  /** Display form of one of those paths, the first by their bytes. */
  readonly samplePath: string;
  readonly firstQuarantinedAt: Milliseconds;
  readonly lastQuarantinedAt: Milliseconds;
}

/** An object that left its endpoint's vault by an action. */
export interface Departed {
  readonly vaultObject: VaultObjectId;
  readonly endpointId: EndpointId;
  readonly state: 'restored' | 'purged';
  readonly at: Milliseconds;
  readonly by: ActionId;
}

/** Objects of one endpoint. */
export interface NamedObjects {
  readonly endpointId: EndpointId;
  readonly vaultObjects: readonly VaultObjectId[];
}

/** A content on an endpoint. */
export interface QuarantinePlace {
  readonly endpointId: EndpointId;
  readonly sha256: Sha256;
}

export interface TakenFilter {
  readonly actionIds: readonly ActionId[];
  /** Default: all. */
  readonly endpointIds?: readonly EndpointId[];
}

/** An object that an action put into a vault. */
export type TakenObject = Pick<QuarantineRecord, 'vaultObject' | 'endpointId' | 'sha256' | 'state'> & {
  readonly actionId: ActionId;
};

export type HeldFile = Pick<QuarantineRecord, 'endpointId' | 'sha256' | 'displayPath'>;

export interface QuarantineReader {
  /** Newest first. */
  list(filter: QuarantineFilter, page: Page): Promise<Listing<QuarantineRecord>>;
  /** The same records by their content; what was quarantined last first. */
  contents(filter: QuarantineFilter, page: Page): Promise<Listing<QuarantinedContent>>;
  /** Distinct endpoints that have a record of this hash in this state. */
  endpointsWith(sha256: Sha256, state: QuarantineState): Promise<readonly EndpointId[]>;
  /** How many objects with this content are held, and on how many endpoints. */
  countHeld(sha256: Sha256): Promise<{ readonly objects: number; readonly endpoints: number }>;
  /** What is held at these places, in no particular order. Any number of places, in few statements. */
  heldAt(places: readonly QuarantinePlace[]): Promise<readonly HeldFile[]>;
  /** At which of these endpoints there is, or was, anything with one of these hashes; each place once. */
  placesAmong(filter: Required<Pick<QuarantineFilter, 'endpointIds' | 'sha256'>>): Promise<readonly QuarantinePlace[]>;
  /** In no particular order; unknown objects are left out. Any number of objects. */
  byObjects(objects: readonly VaultObjectId[]): Promise<readonly QuarantineRecord[]>;
  /** What is held under these GUIDs, of quarantined files or of the files that were taken; newest first. Any number. */
  heldByGuids(guids: readonly Guid[]): Promise<readonly QuarantineRecord[]>;
  /** What these actions put into vaults, whatever became of it since; in no particular order. */
  takenBy(filter: TakenFilter): Promise<readonly TakenObject[]>;
  /** Those of these endpoints whose vaults hold anything. */
  holding(endpointIds: readonly EndpointId[]): Promise<readonly EndpointId[]>;
  /** What an endpoint holds that the server learnt of before this moment. */
  heldBefore(endpointId: EndpointId, before: Milliseconds): Promise<readonly QuarantineRecord[]>;
}

export interface QuarantineWriter extends QuarantineReader {
  /** A vault object that is known already is left as it is, but for an unknown action. */
  insert(records: readonly QuarantineRecord[]): Promise<void>;
  /**
   * An object changes only when that endpoint holds it, or is thought to have lost it; many at once, in few statements.
   * @returns the GUIDs of the files that the objects were made of.
   */
  markDeparted(departed: readonly Departed[]): Promise<readonly Guid[]>;
  /** Held objects that the endpoint no longer has. */
  markLost(objects: NamedObjects): Promise<void>;
  /** Lost objects that the endpoint has after all. */
  markFound(objects: NamedObjects): Promise<void>;
  /** @returns those held objects that were not known to be damaged. */
  markDamaged(objects: NamedObjects, at: Milliseconds): Promise<readonly VaultObjectId[]>;
}
