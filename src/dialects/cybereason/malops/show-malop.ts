import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import type { FileRecord } from '#core/file/file.ts';
import { type Guid, machineGuid, userGuid } from '#core/file/guid.ts';
import type { FileObservation, Incident, ProcessObservation } from '#core/incident/incident.ts';
import { type IncidentSeverity, isResolved, severityOf } from '#core/incident/incident.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { type WholeIncident, wholeIncidents } from '#core/verbs/read-incident.ts';
import { investigationStatuses } from '../malop-status.ts';
import { spellGuid } from '../spell-guid.ts';
import { rootCauseOf } from './root-cause.ts';

const severities: Record<IncidentSeverity, string> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'High' };
const osTypes = { linux: 'LINUX', macos: 'OSX', windows: 'WINDOWS' } as const;

export interface ShownIncident extends WholeIncident {
  readonly machines: readonly Endpoint[];
  /** What agents have reported of the files. */
  readonly records: ReadonlyMap<Guid, FileRecord>;
  /** Whether its endpoint's vault holds the very file. */
  isHeld(file: Pick<FileObservation, 'fileGuid' | 'sha256'>): boolean;
}

/** What a list of MalOps reads of each: enough for its root cause and its users. */
const mostOfEach = 100;
/** Of how many at once, so that a long list does not hold everything that was observed in memory. */
const together = 500;

/** Each as `show` makes it, in the same order. */
export async function describeEach(
  reader: Pick<Reader, 'incidents' | 'endpoints' | 'files' | 'quarantine'>,
  incidents: readonly Incident[],
  show: (whole: ShownIncident) => object,
): Promise<readonly object[]> {
  const shown: object[] = [];
  for (let start = 0; start < incidents.length; start += together) {
    const described = await describeIncidents(reader, incidents.slice(start, start + together), mostOfEach);
    shown.push(...described.map(show));
  }
  return shown;
}

/** With at most `most` files, processes and comments each, and the machines. */
export async function describeIncidents(
  reader: Pick<Reader, 'incidents' | 'endpoints' | 'files' | 'quarantine'>,
  incidents: readonly Incident[],
  most: number,
): Promise<readonly ShownIncident[]> {
  const wholes = await wholeIncidents(reader, incidents, most);
  const endpointIds = new Set(wholes.flatMap((whole) => whole.endpointIds));
  const endpoints = new Map((await reader.endpoints.byIds([...endpointIds])).map((each) => [each.id, each]));
  const guids = new Set(wholes.flatMap(({ files }) => files.map(({ fileGuid }) => fileGuid)));
  const records = new Map((await reader.files.byGuids([...guids])).map((record) => [record.guid, record]));
  const held = Map.groupBy(await reader.quarantine.heldByGuids([...guids]), ({ fileGuid }) => fileGuid);
  return wholes.map((whole) => ({
    ...whole,
    machines: whole.endpointIds.flatMap((id) => endpoints.get(id) ?? []),
    records,
    isHeld: ({ fileGuid, sha256 }) =>
      (held.get(fileGuid) ?? []).some((record) => sha256 === null || record.sha256 === sha256),
  }));
}

export interface Showing {
  readonly policy: Pick<Policy, 'cybereason'>;
  readonly now: Milliseconds;
}

/** One of the vendor's words, which clients insist on: the rule is the customer's own, for Custody detects nothing. */
export const detectionType = 'CUSTOM_RULE';

/** A MalOp as the inbox has it. Some things have two names, for each of which there is a client. */
export function showMalop(whole: ShownIncident, { policy, now }: Showing): object {
  const { incident, machines } = whole;
  const spell = (guid: Guid) => spellGuid(policy, guid);
  const [rootCause] = rootCauseOf(whole);
  const closed = isResolved(incident.status);
  const status = closed ? 'Closed' : 'Active';
  const severity = severities[severityOf(incident)];
  const priority = severityOf(incident) === 'critical' ? 'HIGH' : null;
  return {
    '@class': '.MalopInboxModel',
    guid: spell(incident.guid),
    displayName: incident.name,
    description: incident.description,
    rootCauseElementType: rootCause?.elementType,
    primaryRootCauseName: rootCause?.name,
    rootCauseElementNamesCount: whole.filesCount || whole.processesCount || Math.max(machines.length, 1),
    // As one text, as the vendor has it here.
    rootCauseElementHashes: rootCauseHashes(whole).join(','),
    detectionEngines: [],
    detectionTypes: [],
    malopDetectionType: detectionType,
    malopType: detectionType,
    decisionStatuses: [],
    creationTime: incident.createdAt,
    lastUpdateTime: incident.updatedAt,
    malopCloseTime: incident.resolvedAt,
    closerName: null,
    closed,
    status,
    malopStatus: status,
    investigationStatus: investigationStatuses[incident.status],
    severity,
    malopSeverity: severity,
    priority,
    malopPriority: priority,
    assignedUser: incident.assignedTo,
    externalId: incident.externalId,
    group: '',
    machines: machines.map((machine) => showMachine(machine, { policy, now })),
    users: namesOf(whole.processes).map((name) => ({ guid: spell(userGuid(name)), displayName: name })),
    containers: [],
    labels: [],
    edr: true,
    isEdr: true,
    escalated: false,
    iconBase64: '',
    empty: false,
  };
}

/** One machine of a MalOp. */
export function showMachine(machine: Endpoint, { policy, now }: Showing): object {
  return {
    '@class': '.MachineInboxModel',
    guid: spellGuid(policy, machineGuid(machine.number)),
    displayName: machine.hostName,
    osType: osTypes[machine.platform],
    connected: presenceOf(machine, now) === 'connected',
    isolated: false,
    lastConnected: machine.lastSeen,
    empty: false,
  };
}

/** The SHA-1 of each file, once; the SHA-256 of one of whose bytes no agent has told more. */
export function rootCauseHashes({ files, records }: ShownIncident): readonly string[] {
  return [...new Set(files.flatMap((file) => recordOf(file, records)?.sha1 ?? file.sha256 ?? []))];
}

/** What an agent has reported of the very file that an incident is about: not where other bytes have taken its place. */
export function recordOf(
  { fileGuid, sha256 }: Pick<FileObservation, 'fileGuid' | 'sha256'>,
  records: ShownIncident['records'],
): FileRecord | undefined {
  const record = records.get(fileGuid);
  return sha256 === null || record?.sha256 === sha256 ? record : undefined;
}

/** Each user once, however many programs are theirs. */
function namesOf(processes: readonly Pick<ProcessObservation, 'userName'>[]): readonly string[] {
  const names = processes.flatMap(({ userName }) => userName ?? []);
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}
