import type { z } from 'zod';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import type { ScanStatus } from '#core/endpoint/scan-status.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { lastScans } from '#core/verbs/last-scans.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { endpoint } from './schemas/endpoint.ts';

/** In their order, each with how its newest scan went. */
export async function showEndpoints(
  reader: Pick<Reader, 'tasks' | 'outcomes'>,
  records: readonly Endpoint[],
  now: Milliseconds,
): Promise<z.input<typeof endpoint>[]> {
  const ids = records.map(({ id }) => id);
  const scans = await lastScans(reader, ids, now);
  return records.map((record) => showEndpoint(record, scans.get(record.id) ?? 'none', now));
}

function showEndpoint(record: Endpoint, lastScan: ScanStatus, now: Milliseconds): z.input<typeof endpoint> {
  return {
    id: record.id,
    number: record.number,
    hostName: record.hostName,
    alias: record.alias,
    domain: record.domain,
    platform: record.platform,
    operatingSystem: record.operatingSystem,
    operatingSystemVersion: record.operatingSystemVersion,
    architecture: record.architecture,
    addresses: [...record.addresses],
    macAddresses: [...record.macAddresses],
    users: [...record.users],
    agentVersion: record.agentVersion,
    roots: [...record.roots],
    limitations: [...record.limitations],
    tags: [...record.tags],
    presence: presenceOf(record, now),
    lastScan,
    enrolledAt: instantOf(record.enrolledAt),
    lastSeen: instantOf(record.lastSeen),
    revokedAt: nullableInstantOf(record.revokedAt),
    archivedAt: nullableInstantOf(record.archivedAt),
  };
}
