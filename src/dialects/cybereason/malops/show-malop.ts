import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import { fileName } from '#core/file/file-path.ts';
import { type Guid, machineGuid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import { type IncidentSeverity, isResolved } from '#core/incident/incident.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { type WholeIncident, wholeIncident } from '#core/verbs/read-incident.ts';
import { malopStatuses } from '../malop-status.ts';
import { spellGuid } from '../spell-guid.ts';

const severities: Record<IncidentSeverity, string> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'High' };
const osTypes = { linux: 'LINUX', macos: 'OSX', windows: 'WINDOWS' } as const;

export interface ShownIncident extends WholeIncident {
  readonly machines: readonly Endpoint[];
}

/** With everything that was observed of them, and the machines. */
export async function describeIncidents(
  reader: Pick<Reader, 'incidents' | 'endpoints'>,
  incidents: readonly Incident[],
): Promise<readonly ShownIncident[]> {
  const shown: ShownIncident[] = [];
  for (const incident of incidents) {
    const whole = await wholeIncident(reader, incident);
    shown.push({ ...whole, machines: await reader.endpoints.byIds(whole.endpointIds) });
  }
  return shown;
}

export interface Showing {
  readonly policy: Pick<Policy, 'cybereason'>;
  readonly now: Milliseconds;
}

/** A MalOp as the inbox and the newer list of MalOps have it. */
export function showMalop(whole: ShownIncident, { policy, now }: Showing): object {
  const { incident, files, processes, machines } = whole;
  const spell = (guid: Guid) => spellGuid(policy, guid);
  const [rootCause] = files.length > 0 ? files.map(({ path }) => fileName(path)) : processes.map(({ name }) => name);
  return {
    '@class': '.MalopInboxModel',
    guid: spell(incident.guid),
    displayName: incident.name,
    description: incident.description,
    rootCauseElementType: files.length > 0 ? 'File' : 'Process',
    primaryRootCauseName: rootCause ?? incident.name,
    rootCauseElementNamesCount: files.length > 0 ? files.length : processes.length,
    detectionEngines: [],
    detectionTypes: [],
    malopDetectionType: 'MalopProcess',
    creationTime: incident.createdAt,
    lastUpdateTime: incident.updatedAt,
    closeTime: incident.resolvedAt,
    closerName: null,
    status: isResolved(incident.status) ? 'Closed' : 'Active',
    investigationStatus: malopStatuses[incident.status],
    severity: severities[incident.severity],
    priority: incident.severity === 'critical' ? 'HIGH' : null,
    assignedUser: incident.assignedTo,
    externalId: incident.externalId,
    machines: machines.map((machine) => ({
      '@class': '.MachineInboxModel',
      guid: spell(machineGuid(machine.number)),
      displayName: machine.hostName,
      osType: osTypes[machine.platform],
      connected: presenceOf(machine, now) === 'connected',
      isolated: false,
      lastConnected: machine.lastSeen,
      adOU: null,
      organization: null,
      resolved: isResolved(incident.status),
      empty: false,
    })),
    users: [],
    labels: [],
    edr: true,
    isEdr: true,
    escalated: false,
    iconBase64: '',
    empty: false,
  };
}
