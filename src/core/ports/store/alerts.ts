import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { Sha256 } from '../../file/hash.ts';
import type { Alert, AlertId, AlertSeverity } from '../../incident/alert.ts';
import type { IncidentId } from '../../incident/incident-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

/** All given conditions must hold; within one, any of its values. */
export interface AlertFilter {
  readonly ids?: readonly AlertId[];
  readonly incidentIds?: readonly IncidentId[];
  readonly sources?: readonly string[];
  readonly severities?: readonly AlertSeverity[];
  readonly externalIds?: readonly string[];
  readonly detectedFrom?: Milliseconds | undefined;
  readonly detectedTo?: Milliseconds | undefined;
  readonly receivedFrom?: Milliseconds | undefined;
  readonly receivedTo?: Milliseconds | undefined;
}

/** Within one value, as they were received. */
export interface AlertOrder {
  readonly by: 'detectedAt' | 'receivedAt' | 'severity';
  readonly direction: 'ascending' | 'descending';
}

/** Alerts of one incident that are alike in these things. */
export interface AlertTally extends Pick<Alert, 'incidentId' | 'severity' | 'source' | 'userName'> {
  readonly count: number;
}

/** By what alerts find the incidents that they belong to. */
export interface AlertKinships {
  readonly hashes: readonly Sha256[];
  readonly endpointIds: readonly EndpointId[];
  readonly likenesses: readonly string[];
}

/** Of each of these the incident that it leads to; what leads to none is left out. */
export interface AlertHomes {
  readonly byHash: ReadonlyMap<string, IncidentId>;
  readonly byEndpoint: ReadonlyMap<string, IncidentId>;
  readonly byLikeness: ReadonlyMap<string, IncidentId>;
}

export interface AlertReader {
  list(filter: AlertFilter, order: AlertOrder, page: Page): Promise<Listing<Alert>>;
  /** In no particular order. */
  tally(ids: readonly IncidentId[]): Promise<readonly AlertTally[]>;
  /** Those of these fingerprints that an alert has. */
  knownFingerprints(fingerprints: readonly string[]): Promise<readonly string[]>;
  /**
   * The newest incident for each that is not resolved and has fewer than `most` alerts: with a file or an alert of that hash; with an
   * alert about that endpoint; with an alert of that likeness.
   */
  homesOf(kinships: AlertKinships, most: number): Promise<AlertHomes>;
}

export interface AlertWriter extends AlertReader {
  /** @throws Fault `conflict` when an id or a fingerprint is taken. */
  insert(alerts: readonly Alert[]): Promise<void>;
}
