import type { z } from 'zod';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { MachineCopy } from '#core/endpoint/machine.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import type { ScanStatus } from '#core/endpoint/scan-status.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import { lastScans } from '#core/verbs/last-scans.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { endpoint } from './schemas/endpoint.ts';

/** In their order, each with how its newest scan went, and the copies of it that were seen. */
export async function showEndpoints(
  reader: Pick<Reader, 'tasks' | 'outcomes' | 'machines'>,
  records: readonly Endpoint[],
  now: Milliseconds,
): Promise<z.input<typeof endpoint>[]> {
  const ids = records.map(({ id }) => id);
  const scans = await lastScans(reader, ids, now);
  const copies = Map.groupBy(await reader.machines.copiesOf(ids), ({ endpointId }) => endpointId);
  return records.map((record) =>
    showEndpoint(record, { lastScan: scans.get(record.id) ?? 'none', copies: copies.get(record.id) ?? [], now }),
  );
}

interface Surroundings {
  readonly lastScan: ScanStatus;
  readonly copies: readonly MachineCopy[];
  readonly now: Milliseconds;
}

function showEndpoint(record: Endpoint, { lastScan, copies, now }: Surroundings): z.input<typeof endpoint> {
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
    clone: showClone(copies),
  };
}

function showClone(copies: readonly MachineCopy[]): z.input<typeof endpoint>['clone'] {
  const [first] = copies;
  return first === undefined
    ? null
    : {
        firstSeen: instantOf(first.firstSeen),
        hosts: copies.map(({ id, hostName, remoteAddress, sign, firstSeen, lastSeen }) => ({
          ...{ id, hostName, remoteAddress, sign },
          ...{ firstSeen: instantOf(firstSeen), lastSeen: instantOf(lastSeen) },
        })),
      };
}
