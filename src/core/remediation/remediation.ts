import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import type { Brand } from '../brand.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { Milliseconds } from '../time.ts';

/** A UUID in lower case. */
export type RemediationId = Brand<string, 'RemediationId'>;

export function parseRemediationId(text: string): RemediationId | undefined {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? (id as RemediationId) : undefined;
}

/** What can be done about a file. */
export const remedies = ['quarantine', 'restore', 'block'] as const;

export type Remedy = (typeof remedies)[number];

/** Why nothing was ordered for a row. */
export const rowFailures = [
  /** What was named is no file, or not the one that the remedy needs, or not on that machine. */
  'invalid_target',
  /** Custody does not do this. */
  'unsupported',
  /** The lists of hashes say otherwise. */
  'conflict',
  /** A hash that is never blocked. */
  'refused',
] as const;

export type RowFailure = (typeof rowFailures)[number];

/** What became of one row at once; how an action goes on, its tasks say. */
export type RowResult =
  | { readonly kind: 'ordered'; readonly actionId: ActionId }
  /** The block list has this hash now. */
  | { readonly kind: 'listed'; readonly hash: string }
  | { readonly kind: 'failed'; readonly failure: RowFailure; readonly message: string };

/** One thing that was to be done about one target. A GUID is kept in its numeric spelling; other text as it was sent. */
export interface RemediationRow {
  readonly machine: string;
  /** Empty where none was named and none was found. */
  readonly target: string;
  /** As it was sent. */
  readonly actionType: string;
  readonly result: RowResult;
}

/** Many things that one principal wanted done at once. How far it is follows from its rows, their tasks and the clock. */
export interface Remediation {
  readonly id: RemediationId;
  /** The incident's GUID; what was given, where there is no such incident; null where none was given. */
  readonly incident: string | null;
  readonly incidentId: IncidentId | null;
  readonly principal: Pick<Principal, 'kind' | 'id' | 'name'>;
  /** Who the request said had asked; shown beside the principal, and never authorises anything. */
  readonly claimedInitiator: string | null;
  readonly dialect: DialectName;
  readonly createdAt: Milliseconds;
  readonly abortedAt: Milliseconds | null;
  readonly abortedBy: Pick<Principal, 'kind' | 'id' | 'name'> | null;
  /** In the order of the request. Never empty. */
  readonly rows: readonly RemediationRow[];
}
