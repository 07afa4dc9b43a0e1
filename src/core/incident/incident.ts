import type { Principal } from '../access/principal.ts';
import type { DialectName } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Milliseconds } from '../time.ts';
import type { IncidentId } from './incident-id.ts';

export const incidentSeverities = ['low', 'medium', 'high', 'critical'] as const;

export type IncidentSeverity = (typeof incidentSeverities)[number];

export const incidentStatuses = [
  'new',
  'under_investigation',
  'on_hold',
  'reopened',
  'resolved_true_positive',
  'resolved_false_positive',
  'resolved_known_issue',
  'resolved_duplicate',
  'resolved_security_testing',
  'resolved_other',
] as const;

export type IncidentStatus = (typeof incidentStatuses)[number];

const resolved: Readonly<Record<IncidentStatus, boolean>> = {
  new: false,
  under_investigation: false,
  on_hold: false,
  reopened: false,
  resolved_true_positive: true,
  resolved_false_positive: true,
  resolved_known_issue: true,
  resolved_duplicate: true,
  resolved_security_testing: true,
  resolved_other: true,
};

/** Nobody works on it any more, for whatever reason. */
export function isResolved(status: IncidentStatus): boolean {
  return resolved[status];
}

export const resolvedStatuses: readonly IncidentStatus[] = incidentStatuses.filter(isResolved);

/** As a person judged, who knows better than whoever reported it. */
export function severityOf({
  severity,
  manualSeverity,
}: Pick<Incident, 'severity' | 'manualSeverity'>): IncidentSeverity {
  return manualSeverity ?? severity;
}

/** Something that a team responds to: a MalOp to Cybereason's clients, an incident to Cortex XDR's. */
export interface Incident {
  readonly id: IncidentId;
  /** A pure function of the id; what Cybereason's clients call the GUID of a MalOp. */
  readonly guid: Guid;
  readonly name: string;
  readonly description: string;
  /** As it was reported. */
  readonly severity: IncidentSeverity;
  /** As a person judged; null: nobody has. */
  readonly manualSeverity: IncidentSeverity | null;
  /** Somebody wants it to stand out. */
  readonly starred: boolean;
  readonly status: IncidentStatus;
  /** A person's e-mail address; null while nobody has it. */
  readonly assignedTo: string | null;
  readonly createdBy: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly dialect: DialectName;
  readonly createdAt: Milliseconds;
  readonly updatedAt: Milliseconds;
  /** When it was last resolved; null while it is open. */
  readonly resolvedAt: Milliseconds | null;
  /** What was said when it was resolved; empty where nothing was. */
  readonly resolveComment: string;
  /** What the system that reported it calls it; null where nobody said. */
  readonly externalId: string | null;
}

/** A program that was seen running on an endpoint, as whoever reported the incident said. */
export interface ProcessObservation {
  readonly incidentId: IncidentId;
  /** A pure function of endpoint, path, process number and start: the same process has it in every incident. */
  readonly guid: Guid;
  readonly endpointId: EndpointId;
  /** Of the program's file. */
  readonly path: FilePath;
  readonly displayPath: string;
  readonly name: string;
  readonly sha256: Sha256 | null;
  readonly pid: number | null;
  readonly commandLine: string | null;
  readonly userName: string | null;
  readonly startedAt: Milliseconds | null;
  readonly endedAt: Milliseconds | null;
}

/** A file that an incident is about. Whether an agent has reported it too, the file records say. */
export interface FileObservation {
  readonly incidentId: IncidentId;
  readonly fileGuid: Guid;
  readonly endpointId: EndpointId;
  readonly path: FilePath;
  readonly displayPath: string;
  readonly sha256: Sha256 | null;
}

export interface IncidentComment {
  /** A UUID. */
  readonly id: string;
  readonly incidentId: IncidentId;
  readonly at: Milliseconds;
  readonly author: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly text: string;
}

/** What was fetched for the incident, or is about it, is not deleted until somebody releases it. */
export interface IncidentHold {
  readonly incidentId: IncidentId;
  readonly reason: string;
  readonly at: Milliseconds;
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
}
