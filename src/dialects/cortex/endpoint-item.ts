import type { Json } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Platform } from '#core/endpoint/platform.ts';
import { type Standing, standingOf } from '#core/endpoint/presence.ts';
import type { ScanStatus } from '#core/endpoint/scan-status.ts';
import type { Milliseconds } from '#core/time.ts';

/** Strict models of clients know no other words than these. */
const statuses: Readonly<Record<Standing, string>> = {
  connected: 'CONNECTED',
  disconnected: 'DISCONNECTED',
  lost: 'LOST',
  removed: 'UNINSTALLED',
};

/** Not `AGENT_OS_MAC`, although the vendor's page has it: a connector looks for "macos" in it. */
const systems: Readonly<Record<Platform, string>> = {
  linux: 'AGENT_OS_LINUX',
  macos: 'AGENT_OS_MACOS',
  windows: 'AGENT_OS_WINDOWS',
};

/** An endpoint as Get All Endpoints lists it. */
export function lightItem(endpoint: Endpoint, now: Milliseconds): Json {
  return {
    agent_id: endpoint.id,
    agent_status: statuses[standingOf(endpoint, now)],
    operational_status: operationalStatus(endpoint),
    host_name: endpoint.hostName,
    agent_type: endpointType(endpoint),
    ip: endpoint.addresses,
    last_seen: endpoint.lastSeen,
    tags: { server_tags: endpoint.tags, endpoint_tags: [] },
    users: endpoint.users,
  };
}

/** An endpoint as Get Endpoint describes it; what nobody here knows is empty or null, never made up. */
export function endpointItem(endpoint: Endpoint, scan: ScanStatus, now: Milliseconds): Json {
  return {
    endpoint_id: endpoint.id,
    endpoint_name: endpoint.hostName,
    endpointTags: endpoint.tags.join(','),
    endpoint_type: endpointType(endpoint),
    endpoint_status: statuses[standingOf(endpoint, now)],
    os_type: systems[endpoint.platform],
    os_version: endpoint.operatingSystemVersion,
    operating_system: endpoint.operatingSystem,
    ip: endpoint.addresses.filter((address) => !address.includes(':')),
    ipv6: endpoint.addresses.filter((address) => address.includes(':')),
    public_ip: '',
    mac_address: endpoint.macAddresses,
    users: endpoint.users,
    domain: endpoint.domain,
    alias: endpoint.alias,
    first_seen: endpoint.enrolledAt,
    last_seen: endpoint.lastSeen,
    install_date: endpoint.enrolledAt,
    installation_package: '',
    active_directory: null,
    endpoint_version: endpoint.agentVersion,
    ...operation(endpoint),
    ...content,
    is_isolated: 'AGENT_UNISOLATED',
    isolated_date: null,
    group_name: [],
    ...cloud,
    scan_status: `SCAN_STATUS_${scan.toUpperCase()}`,
    tags: { server_tags: endpoint.tags, endpoint_tags: [] },
  };
}

/** Agents here run no detection content. */
const content = {
  content_version: '',
  content_status: '',
  content_release_timestamp: null,
  last_content_update_time: null,
  assigned_prevention_policy: '',
  assigned_extensions_policy: '',
} as const;

/** Which cloud a machine runs in agents do not ask. */
const cloud = {
  cloud_provider: '',
  cloud_region: '',
  cloud_provider_account_id: '',
  cloud_instance_id: '',
  cloud_id: '',
} as const;

function operation(endpoint: Endpoint): { readonly [key: string]: Json } {
  return {
    operational_status: operationalStatus(endpoint),
    operational_status_description: endpoint.limitations.join(' '),
    operational_status_details: endpoint.limitations.map((reason) => ({ title: 'Limited agent', reason })),
  };
}

/** An agent that may not do everything, because of the user that it runs as, says so. */
function operationalStatus({ limitations }: Endpoint): string {
  return limitations.length === 0 ? 'PROTECTED' : 'PARTIALLY_PROTECTED';
}

function endpointType({ platform, operatingSystem }: Endpoint): string {
  const server = platform === 'linux' || /server/i.test(operatingSystem);
  return server ? 'AGENT_TYPE_SERVER' : 'AGENT_TYPE_WORKSTATION';
}
