import type { Endpoint, HostFacts } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { readTextList, writeTextList } from '../json/text-list.ts';
import type { EndpointNameRow, EndpointRow } from '../schema.ts';

export function toEndpoint(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    number: row.number,
    devicePublicKey: row.device_public_key,
    vaultRecipient: row.vault_recipient,
    alias: row.alias,
    tags: readTextList(row.tags_json),
    hostName: row.host_name,
    platform: row.platform,
    operatingSystem: row.operating_system,
    operatingSystemVersion: row.operating_system_version,
    architecture: row.architecture,
    addresses: readTextList(row.addresses_json),
    macAddresses: readTextList(row.mac_addresses_json),
    users: readTextList(row.users_json),
    domain: row.domain,
    agentVersion: row.agent_version,
    roots: readTextList(row.roots_json),
    limitations: readTextList(row.limitations_json),
    enrolledAt: row.enrolled_at,
    lastSeen: row.last_seen,
    connectedUntil: row.connected_until,
    revokedAt: row.revoked_at,
    archivedAt: row.archived_at,
    archiveReason: row.archive_reason,
  };
}

/** But for its place in the order of enrolment, which the store gives. */
export function toEndpointRow(endpoint: Endpoint): Omit<EndpointRow, 'enrolment'> {
  return {
    id: endpoint.id,
    number: endpoint.number,
    device_public_key: endpoint.devicePublicKey,
    vault_recipient: endpoint.vaultRecipient,
    alias: endpoint.alias,
    alias_lower: endpoint.alias.toLowerCase(),
    tags_json: writeTextList(endpoint.tags),
    ...toFactColumns(endpoint),
    enrolled_at: endpoint.enrolledAt,
    last_seen: endpoint.lastSeen,
    connected_until: endpoint.connectedUntil,
    revoked_at: endpoint.revokedAt,
    archived_at: endpoint.archivedAt,
    archive_reason: endpoint.archiveReason,
  };
}

export function toFactColumns(facts: HostFacts) {
  return {
    host_name: facts.hostName,
    host_name_lower: facts.hostName.toLowerCase(),
    platform: facts.platform,
    operating_system: facts.operatingSystem,
    operating_system_version: facts.operatingSystemVersion,
    architecture: facts.architecture,
    addresses_json: writeTextList(facts.addresses),
    mac_addresses_json: writeTextList(facts.macAddresses),
    users_json: writeTextList(facts.users),
    domain: facts.domain,
    agent_version: facts.agentVersion,
    roots_json: writeTextList(facts.roots),
    limitations_json: writeTextList(facts.limitations),
  } satisfies Partial<EndpointRow>;
}

export function toNameRows(id: EndpointId, facts: HostFacts): readonly EndpointNameRow[] {
  return [...nameRows(id, 'address', facts.addresses), ...nameRows(id, 'user', facts.users)];
}

function nameRows(id: EndpointId, kind: EndpointNameRow['kind'], values: readonly string[]): EndpointNameRow[] {
  return values.map((value, ordinal) => ({ endpoint_id: id, kind, ordinal, value_lower: value.toLowerCase() }));
}
