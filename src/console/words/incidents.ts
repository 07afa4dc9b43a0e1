import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type Incident = Awaited<ReturnType<Client['listIncidents']>>['items'][number];
export type WholeIncident = Awaited<ReturnType<Client['readIncident']>>;
export type IncidentStatus = Incident['status'];
export type Severity = Incident['severity'];

export const severityWords: Readonly<Record<Severity, Worded>> = {
  critical: { label: 'Critical', tone: 'bad' },
  high: { label: 'High', tone: 'bad' },
  medium: { label: 'Medium', tone: 'wait' },
  low: { label: 'Low', tone: 'mute' },
};

export const incidentStatusWords: Readonly<Record<IncidentStatus, Worded>> = {
  new: { label: 'New', tone: 'wait' },
  under_investigation: { label: 'Under investigation', tone: 'busy' },
  on_hold: { label: 'On hold', tone: 'wait' },
  reopened: { label: 'Reopened', tone: 'wait' },
  resolved_true_positive: { label: 'Resolved: it was one', tone: 'good' },
  resolved_false_positive: { label: 'Resolved: false alarm', tone: 'good' },
  resolved_known_issue: { label: 'Resolved: known', tone: 'good' },
  resolved_duplicate: { label: 'Resolved: told twice', tone: 'good' },
  resolved_security_testing: { label: 'Resolved: a test', tone: 'good' },
  resolved_other: { label: 'Resolved: other', tone: 'good' },
};

export const severities = Object.keys(severityWords).filter((each): each is Severity => each in severityWords);

export const incidentStatuses = Object.keys(incidentStatusWords).filter(
  (each): each is IncidentStatus => each in incidentStatusWords,
);

/** As people judged, where they have. */
export function severityOf({ severity, manualSeverity }: Pick<Incident, 'severity' | 'manualSeverity'>): Severity {
  return manualSeverity ?? severity;
}

export function isResolved(status: IncidentStatus): boolean {
  return status.startsWith('resolved_');
}
