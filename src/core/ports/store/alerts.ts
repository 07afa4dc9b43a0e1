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

/** By what an alert finds the incident that it belongs to. */
export interface AlertTraits extends Pick<Alert, 'name' | 'source' | 'hostName' | 'localAddress'> {
  readonly sha256: Sha256 | null;
  readonly endpointId: EndpointId | null;
}

export interface AlertReader {
  list(filter: AlertFilter, order: AlertOrder, page: Page): Promise<Listing<Alert>>;
  /** In no particular order. */
  tally(ids: readonly IncidentId[]): Promise<readonly AlertTally[]>;
  /** Those of these fingerprints that an alert has. */
  knownFingerprints(fingerprints: readonly string[]): Promise<readonly string[]>;
  /**
   * The newest incident that is not resolved, has fewer than `most` alerts, and is about the same file; else one that alerts opened about
   * the same endpoint; else, for an alert that names neither, one with an alert of the same name, source, host and address.
   */
  homeOf(traits: AlertTraits, most: number): Promise<IncidentId | undefined>;
}

export interface AlertWriter extends AlertReader {
  /** @throws Fault `conflict` when an id or a fingerprint is taken. */
  insert(alerts: readonly Alert[]): Promise<void>;
}
