import type { Json } from '#core/custody/event.ts';
import type { AlertSeverity } from '#core/incident/alert.ts';
import type { IncidentComment } from '#core/incident/incident.ts';
import type { Policy } from '#core/ports/policy.ts';
import { shownSeverity } from './alert-severity.ts';
import type { GatheredIncident } from './gather-incidents.ts';
import { wordOfStatus } from './incident-statuses.ts';

const mostUsers = 100;

/** An incident as Get Incidents lists it; what nobody here knows is empty or null, never made up. */
export function incidentItem(gathered: GatheredIncident, { publicUrl }: Pick<Policy, 'publicUrl'>) {
  const { incident, endpointIds, endpoints, userNames } = gathered;
  return {
    incident_id: incident.id,
    incident_name: incident.name,
    creation_time: incident.createdAt,
    modification_time: incident.updatedAt,
    detection_time: null,
    status: wordOfStatus(incident.status),
    severity: incident.severity,
    description: incident.description === '' ? incident.name : incident.description,
    assigned_user_mail: incident.assignedTo,
    assigned_user_pretty_name: incident.assignedTo,
    ...alertCounts(gathered),
    user_count: userNames.length,
    host_count: endpointIds.length,
    notes: null,
    resolve_comment: incident.resolveComment === '' ? null : incident.resolveComment,
    resolved_timestamp: incident.resolvedAt,
    manual_severity: incident.manualSeverity,
    manual_description: null,
    xdr_url: `${publicUrl}/incident-view/${incident.id}`,
    starred: incident.starred,
    hosts: endpoints.map(({ hostName, id }) => `${hostName}:${id}`),
    users: userNames.slice(0, mostUsers),
    incident_sources: [...new Set(gathered.alerts.map(({ source }) => source))],
    rule_based_score: null,
    manual_score: null,
    aggregated_score: null,
    wildfire_hits: 0,
    alerts_grouping_status: 'Enabled',
    alert_categories: null,
    mitre_tactics_ids_and_names: null,
    mitre_techniques_ids_and_names: null,
    original_tags: [],
    tags: [],
  } as const;
}

function alertCounts({ alerts }: GatheredIncident) {
  const count = (shown: AlertSeverity) =>
    alerts.filter(({ severity }) => shownSeverity(severity) === shown).reduce((sum, tally) => sum + tally.count, 0);
  return {
    alert_count: alerts.reduce((sum, tally) => sum + tally.count, 0),
    low_severity_alert_count: count('low'),
    med_severity_alert_count: count('medium'),
    high_severity_alert_count: count('high'),
    critical_severity_alert_count: count('critical'),
  };
}

export function commentItem({ id, text, author, at }: IncidentComment): Json {
  return { comment_id: id, value: text, created_by: author.name, created_time: at };
}
