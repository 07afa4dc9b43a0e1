import type { z } from 'zod';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { MachineCopy } from '#core/endpoint/machine.ts';
import { presenceOf } from '#core/endpoint/presence.ts';
import type { Milliseconds } from '#core/time.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { endpoint } from './schemas/endpoint.ts';

/** @param copies of this endpoint, or of many */
export function showEndpoint(
  record: Endpoint,
  copies: readonly MachineCopy[],
  now: Milliseconds,
): z.input<typeof endpoint> {
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
    enrolledAt: instantOf(record.enrolledAt),
    lastSeen: instantOf(record.lastSeen),
    revokedAt: nullableInstantOf(record.revokedAt),
    archivedAt: nullableInstantOf(record.archivedAt),
    clone: showClone(copies.filter(({ endpointId }) => endpointId === record.id)),
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
