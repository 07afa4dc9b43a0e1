import { createHash } from 'node:crypto';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { type EndpointId, type EndpointNumber, isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Store } from '#core/ports/store/store.ts';
import { day, hour, second } from '#core/time.ts';

export const principal = {
  kind: 'local',
  id: 'bench',
  name: 'bench',
  role: builtInRole('Instance Administrator'),
  scope: wholeFleet,
} as const;

/** Endpoints in the store, as if they had enrolled. */
export async function plant(store: Store, count: number): Promise<readonly Endpoint[]> {
  const fleet = Array.from({ length: count }, (_, index) => endpointOf(index));
  for (let start = 0; start < count; start += 5_000) {
    await store.transact(async (transaction) => {
      for (const endpoint of fleet.slice(start, start + 5_000)) {
        await transaction.endpoints.insert(endpoint);
      }
    });
  }
  return fleet;
}

export function hashOf(text: string) {
  return sha256Schema.parse(createHash('sha256').update(text).digest('hex'));
}

function endpointOf(index: number): Endpoint {
  const name = `host-${index}`;
  return {
    ...{ id: idOf(name), number: (100_000_000 + index) as EndpointNumber, devicePublicKey: new Uint8Array(32) },
    ...{ vaultRecipient: 'age1bench', alias: '', tags: [], hostName: name, platform: 'linux' },
    ...{ operatingSystem: 'Debian GNU/Linux', operatingSystemVersion: '13', architecture: 'x64' },
    ...{ addresses: [], macAddresses: [], users: [], domain: '', agentVersion: '0.1.0', roots: [], limitations: [] },
    ...{ enrolledAt: 1, lastSeen: 1, connectedUntil: null, revokedAt: null, archivedAt: null, archiveReason: '' },
  };
}

/** Spread as ids of real keys are. */
function idOf(name: string): EndpointId {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  if (!isEndpointId(id)) {
    throw new Error(`${id} is no endpoint id.`);
  }
  return id;
}

export const doorbell = { reach: 'process', ring: () => undefined, stopChanged: () => undefined } as const;
const lifetime = 4 * day;
export const policy: Policy = {
  ...{ licences: [], batchLimit: 1_000, quarantineEndpointLimit: 1_000_000, sessionLifetime: hour },
  nativeSession: { lifetime: hour, idle: null },
  guard: {
    ...{ reach: 'off', mostEndpoints: 25, mostPercent: 1, mostFetchedFiles: 1_000, mostFetchEndpoints: 200 },
    ...{ mostFilesHourly: 10_000, patience: day },
  },
  rings: { sizes: [], mostFailed: 10, mostSilent: 2, patience: 600_000, watch: 120_000 },
  lifetime: {
    ...{
      fetch: lifetime,
      quarantine: lifetime,
      restore: lifetime,
      restore_objects: lifetime,
      undo: lifetime,
      plan: lifetime,
      purge: lifetime,
      search: lifetime,
      logs: lifetime,
    },
    scan: lifetime,
  },
  ...{
    confirmAfter: null,
    passwordLifetime: null,
    retrievalLifetime: 30 * day,
    evidenceSizeLimit: 1,
    reasonRequired: false,
    uploads: { bytesOfEndpoint: 1, bytesOfAction: 1 },
    publicUrl: 'https://127.0.0.1',
  },
  cybereason: { guidSpelling: 'numeric', sensorOffset: 'page', honestUnauthorized: false, directFetchPatience: second },
  cortex: {
    ...{ idForm: 'text', signatures: 'lenient' },
    retrieval: { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null },
  },
};
