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

export const sensorStatuses = ['Online', 'Offline', 'Stale', 'Archived'] as const;

export type SensorStatus = (typeof sensorStatuses)[number];

const ofPresence: Record<Presence, SensorStatus> = { connected: 'Online', disconnected: 'Offline', lost: 'Stale' };
const osTypes: Record<Platform, string> = { linux: 'LINUX', macos: 'OSX', windows: 'WINDOWS' };

/** A sensor as it is answered, and as filters and sorting see it. */
export type Sensor = Readonly<Record<string, string | number | boolean | null | readonly never[]>>;

export interface SensorContext {
  readonly policy: Pick<Policy, 'cybereason' | 'publicUrl'>;
  readonly server: string;
  readonly now: Milliseconds;
}

/**
 * An endpoint as a sensor, with every key that the vendor's recorded answers have. What agents do not tell is empty, 0 or the
 * vendor's word for "not there": clients make dates of the times, and read missing keys as faults.
 */
export function sensorOf(endpoint: Endpoint, context: SensorContext): Sensor {
  const status = endpoint.archivedAt === null ? ofPresence[presenceOf(endpoint, context.now)] : 'Archived';
  return { ...identityOf(endpoint, context), ...stateOf(endpoint, context, status), ...nothingKnown };
}

function identityOf(endpoint: Endpoint, { policy, server }: SensorContext): Sensor {
  const { hostName, domain, addresses, number, platform, operatingSystem, operatingSystemVersion } = endpoint;
  const whole = domain === '' || hostName.includes('.') ? hostName : `${hostName}.${domain}`;
  const { hostname } = new URL(policy.publicUrl);
  return {
    sensorId: sensorId(server, endpoint),
    pylumId: pylumId(endpoint),
    guid: spellGuid(policy, machineGuid(number)),
    fqdn: whole.toLowerCase(),
    machineName: hostName,
    internalIpAddress: addresses[0] ?? '',
    externalIpAddress: addresses[0] ?? '',
    siteName: 'Default',
    siteId: 0,
    serverName: hostname,
    serverId: server,
    serverIp: hostname,
    privateServerIp: hostname,
    osType: osTypes[platform],
    osVersionType: `${operatingSystem} ${operatingSystemVersion}`.trim().replace(/\s+/g, '_'),
    version: endpoint.agentVersion,
    organization: domain,
    groupId: unassignedGroup.id,
    groupName: unassignedGroup.name,
  };
}

function stateOf(endpoint: Endpoint, { now }: SensorContext, status: SensorStatus): Sensor {
  const connected = presenceOf(endpoint, now) === 'connected';
  const { lastSeen, enrolledAt, archivedAt, archiveReason } = endpoint;
  return {
    status,
    serviceStatus: connected ? 'Up' : 'Down',
    isolated: false,
    disconnected: !connected,
    disconnectionTime: connected ? 0 : lastSeen,
    lastPylumInfoMsgUpdateTime: lastSeen,
    lastPylumUpdateTimestampMs: lastSeen,
    sensorLastUpdate: lastSeen,
    firstSeenTime: enrolledAt,
    deliveryTime: enrolledAt,
    archiveTimeMs: archivedAt,
    archivedOrUnarchiveComment: archiveReason,
    lastStatusAction: archivedAt === null ? 'None' : 'Archive',
    collectionStatus: connected ? 'ENABLED' : 'SUSPENDED',
  };
}

const nothingKnown: Sensor = {
  onlineTimeMS: 0,
  offlineTimeMS: 0,
  staleTimeMS: 0,
  statusTimeMS: 0,
  sensorArchivedByUser: '',
  collectiveUuid: null,
  consoleVersion: null,
  upTime: 0,
  cpuUsage: 0,
  memoryUsage: 0,
  outdated: false,
  ransomwareStatus: 'DISABLED',
  preventionStatus: 'NOT_INSTALLED',
  amStatus: 'AM_DISABLED',
  amModeOrigin: null,
  antiMalwareStatus: 'AM_DISABLED',
  antiMalwareModeOrigin: null,
  avDbVersion: '',
  avDbLastUpdateTime: 0,
  powerShellStatus: 'PS_DISABLED',
  remoteShellStatus: 'AC_DISABLED',
  usbStatus: 'DISABLED',
  fwStatus: 'DISABLED',
  antiExploitStatus: 'AE_DISABLED',
  documentProtectionStatus: 'DS_DISABLED',
  documentProtectionMode: 'DM_DISABLED',
  organizationalUnit: '',
  criticalAsset: '',
  customTags: '',
  department: '',
  deviceModel: '',
  deviceType: '',
  location: '',
  serialNumber: '',
  proxyAddress: '',
  exitReason: '',
  preventionError: '',
  policyId: unassignedGroup.id,
  policyName: 'Default',
  compliance: true,
  groupStickiness: false,
  groupStickinessLabel: '',
  fullScanStatus: 'IDLE',
  quickScanStatus: 'IDLE',
  lastFullScheduleScanSuccessTime: 0,
  lastQuickScheduleScanSuccessTime: 0,
  lastUpgradeResult: 'None',
  lastUpgradeSteps: [],
  pendingActions: [],
  actionsInProgress: 0,
  purgedSensors: false,
  purgeTimestamp: 0,
  sensorPurgedByUser: '',
};

/** The names of everything that a sensor has. */
export function isSensorField(name: string): boolean {
  return sensorFields.has(name);
}

const blank: Endpoint = {
  id: '' as Endpoint['id'],
  number: 0 as Endpoint['number'],
  devicePublicKey: new Uint8Array(),
  vaultRecipient: '',
  alias: '',
  tags: [],
  hostName: '',
  platform: 'linux',
  operatingSystem: '',
  operatingSystemVersion: '',
  architecture: '',
  addresses: [],
  macAddresses: [],
  users: [],
  domain: '',
  agentVersion: '',
  roots: [],
  limitations: [],
  enrolledAt: 0,
  lastSeen: 0,
  connectedUntil: null,
  revokedAt: null,
  archivedAt: null,
  archiveReason: '',
};
const anyPolicy = {
  publicUrl: 'https://localhost',
  cybereason: { guidSpelling: 'numeric', sensorOffset: 'page', honestUnauthorized: false, directFetchPatience: 0 },
} as const;
const sensorFields = new Set(Object.keys(sensorOf(blank, { policy: anyPolicy, server: '', now: 0 })));
