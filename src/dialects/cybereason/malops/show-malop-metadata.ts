import { type Incident, severityOf } from '#core/incident/incident.ts';
import { investigationStatuses, malopStatuses } from '../malop-status.ts';
import { spellGuid } from '../spell-guid.ts';
import type { Showing } from './show-malop.ts';

/** How a MalOp stands. */
export function showMalopMetadata(incident: Incident, { policy }: Pick<Showing, 'policy'>): object {
  return {
    guid: spellGuid(policy, incident.guid),
    malopLabels: [],
    status: malopStatuses[incident.status],
    investigationStatus: investigationStatuses[incident.status],
    malopPriority: severityOf(incident) === 'critical' ? 'HIGH' : 'UNSPECIFIED',
    closerName: null,
    closeTime: incident.resolvedAt,
    lastUpdated: incident.updatedAt,
    version: 0,
    empty: false,
  };
}
