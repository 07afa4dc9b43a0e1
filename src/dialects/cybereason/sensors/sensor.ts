import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Platform } from '#core/endpoint/platform.ts';
import { type Presence, presenceOf } from '#core/endpoint/presence.ts';
import { machineGuid } from '#core/file/guid.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Milliseconds } from '#core/time.ts';
import { unassignedGroup } from '../group.ts';
import { pylumId } from '../pylum-id.ts';
import { sensorId } from '../sensor-id.ts';
import { spellGuid } from '../spell-guid.ts';
import { isExternal } from './addresses.ts';

export const sensorStatuses = ['Online', 'Offline', 'Stale', 'Archived'] as const;

export type SensorStatus = (typeof sensorStatuses)[number];

export type Sensor = Readonly<Record<string, unknown>>;

/** What sensors are shown by. */
export interface SensorView {
  readonly policy: Pick<Policy, 'cybereason' | 'publicUrl'>;
  readonly serverId: string;
  readonly now: Milliseconds;
}

const osTypes: Record<Platform, string> = { linux: 'LINUX', macos: 'OSX', windows: 'WINDOWS' };

const statuses: Record<Presence, SensorStatus> = { connected: 'Online', disconnected: 'Offline', lost: 'Stale' };

export function sensorStatus(endpoint: Endpoint, now: Milliseconds): SensorStatus {
  return endpoint.archivedAt === null ? statuses[presenceOf(endpoint, now)] : 'Archived';
}

/**
 * An endpoint as a sensor. Times of what Custody does not know are 0 and texts are empty, never null: clients compute with
 * them. What no agent has (prevention, remote shell, anti-malware) is said to be off or not installed.
 */
export function sensorOf(endpoint: Endpoint, view: SensorView, actionsInProgress = 0): Sensor {
  return { ...names(endpoint, view), ...states(endpoint, view.now), actionsInProgress, ...notHere };
}

const nameFields = [
  'sensorId',
  'pylumId',
  'guid',
  'fqdn',
  'machineName',
  'internalIpAddress',
  'externalIpAddress',
  'osType',
  'osVersionType',
  'version',
  'organization',
  'serverName',
  'serverId',
  'customTags',
] as const;

function names(endpoint: Endpoint, { policy, serverId }: SensorView): Record<(typeof nameFields)[number], unknown> {
  const { hostName, addresses, domain } = endpoint;
  return {
    sensorId: sensorId(serverId, endpoint),
    pylumId: pylumId(endpoint),
    guid: spellGuid(policy, machineGuid(endpoint.number)),
    fqdn: fullName(hostName, domain),
    machineName: hostName,
    internalIpAddress: addresses.find((address) => !isExternal(address)) ?? addresses[0] ?? '',
    externalIpAddress: addresses.find(isExternal) ?? '',
    osType: osTypes[endpoint.platform],
    osVersionType: `${endpoint.operatingSystem} ${endpoint.operatingSystemVersion}`.trim().replace(/\s+/g, '_'),
    version: endpoint.agentVersion,
    organization: 'CUSTODY',
    serverName: new URL(policy.publicUrl).hostname,
    serverId,
    customTags: endpoint.tags.join(','),
  };
}

/** A host name that is whole already stays as it is. */
function fullName(hostName: string, domain: string): string {
  const isWhole = domain === '' || hostName.toLowerCase().endsWith(`.${domain.toLowerCase()}`);
  return isWhole ? hostName : `${hostName}.${domain}`;
}

const stateFields = [
  'status',
  'serviceStatus',
  'disconnected',
  'disconnectionTime',
  'lastPylumInfoMsgUpdateTime',
  'lastPylumUpdateTimestampMs',
  'sensorLastUpdate',
  'firstSeenTime',
  'archiveTimeMs',
  'archivedOrUnarchiveComment',
] as const;

function states(endpoint: Endpoint, now: Milliseconds): Record<(typeof stateFields)[number], unknown> {
  const isConnected = presenceOf(endpoint, now) === 'connected';
  return {
    status: sensorStatus(endpoint, now),
    serviceStatus: isConnected ? 'Up' : 'Down',
    disconnected: !isConnected,
    disconnectionTime: isConnected ? 0 : endpoint.lastSeen,
    lastPylumInfoMsgUpdateTime: endpoint.lastSeen,
    lastPylumUpdateTimestampMs: endpoint.lastSeen,
    sensorLastUpdate: endpoint.lastSeen,
    firstSeenTime: endpoint.enrolledAt,
    archiveTimeMs: endpoint.archivedAt ?? 0,
    archivedOrUnarchiveComment: endpoint.archiveReason,
  };
}

const notHere = {
  siteName: 'Default',
  siteId: 0,
  isolated: false,
  groupId: unassignedGroup.id,
  groupName: unassignedGroup.name,
  groupStickiness: false,
  groupStickinessLabel: 'Dynamic',
  policyId: '',
  policyName: '',
  onlineTimeMS: 0,
  offlineTimeMS: 0,
  staleTimeMS: 0,
  statusTimeMS: 0,
  upTime: 0,
  deliveryTime: 0,
  cpuUsage: 0,
  memoryUsage: 0,
  lastStatusAction: 'None',
  sensorArchivedByUser: '',
  serverIp: '',
  privateServerIp: '',
  collectiveUuid: '',
  collectionStatus: 'DISABLED',
  collectionComponents: [],
  consoleVersion: '',
  criticalAsset: false,
  preventionStatus: 'NOT_INSTALLED',
  preventionError: '',
  ransomwareStatus: 'DISABLED',
  remoteShellStatus: 'AC_DISABLED',
  powerShellStatus: 'PS_DISABLED',
  usbStatus: 'DISABLED',
  fwStatus: 'DISABLED',
  amStatus: 'AM_UNINSTALLED',
  amModeOrigin: '',
  antiMalwareStatus: 'AM_DISABLED',
  antiMalwareModeOrigin: '',
  avDbVersion: '',
  avDbLastUpdateTime: 0,
  antiExploitStatus: 'AE_DISABLED',
  documentProtectionStatus: 'DS_DISABLED',
  documentProtectionMode: 'DM_UNKNOWN',
  fullScanStatus: 'IDLE',
  quickScanStatus: 'IDLE',
  lastFullScheduleScanSuccessTime: 0,
  lastQuickScheduleScanSuccessTime: 0,
  organizationalUnit: '',
  department: '',
  location: '',
  deviceType: '',
  deviceModel: '',
  serialNumber: '',
  proxyAddress: '',
  exitReason: 'None',
  pendingActions: [],
  lastUpgradeResult: 'None',
  lastUpgradeSteps: [],
  bepMode: 'BEP_DISABLED',
  vppMode: 'VPP_DISABLED',
  variantFilePreventionMode: 'VFP_M_DISABLED',
  staticAnalysisDetectMode: 'DISABLED',
  staticAnalysisDetectModeOrigin: '',
  staticAnalysisPreventMode: 'DISABLED',
  staticAnalysisPreventModeOrigin: '',
  uniqueSensorKey: '',
  decommissionedSensors: false,
  decommissionedByUser: '',
  decommissionTimestamp: 0,
  purgedSensors: false,
  sensorPurgedByUser: '',
  purgeTimestamp: 0,
} as const;

/** The fields of which something is known. */
export const tellingFields: readonly string[] = [...nameFields, ...stateFields, 'actionsInProgress'];

/** Every field that a sensor has, and that lists can be filtered by. */
export const sensorFields: readonly string[] = [...tellingFields, ...Object.keys(notHere)];
