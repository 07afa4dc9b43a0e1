import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { type EndpointId, type EndpointNumber, isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Store } from '#core/ports/store/store.ts';
import { day, hour, minute, second } from '#core/time.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { heldRecord } from '#core/verbs/vault-effects.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';

export interface RestoreOptions {
  readonly endpoints: number;
}

/** What a restore of a whole fleet gets of the store's usual five seconds: one that takes longer is refused. */
const deadline = 30 * second;
const path = parsePath('/srv/bad.bin');
const origin = {
  principal: {
    kind: 'local',
    id: 'bench',
    name: 'bench',
    role: builtInRole('Instance Administrator'),
    scope: wholeFleet,
  },
  dialect: 'cortex',
} as const;

/** How long the one transaction takes in which a restore by hash orders a whole fleet. */
export async function restore({ endpoints }: RestoreOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const store = await openSqliteStore({ path: join(directory, 'store.sqlite'), deadline: minute, clock: systemClock });
  try {
    const fleet = await plant(store, endpoints);
    const held = hashOf('held');
    await hold(store, fleet, held);
    const ports = { store, clock: systemClock, random: systemRandom, policy, doorbell };
    const restored = await timed(() => restoreFiles(ports, { origin, sha256: held }));
    const waiting = hashOf('waiting');
    await quarantineFiles(ports, { origin, endpointIds: fleet.map(({ id }) => id), path, sha256: waiting });
    const superseded = await timed(() => restoreFiles(ports, { origin, sha256: waiting }));
    return [
      `one restore by hash on ${endpoints} endpoints, SQLite, from the call to the commit (deadline ${deadline} ms)`,
      `  every endpoint holds the file                   ${restored} ms`,
      `  every endpoint's quarantine is superseded first ${superseded} ms`,
    ].join('\n');
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun).toFixed(0);
}

async function plant(store: Store, count: number): Promise<readonly Endpoint[]> {
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

async function hold(store: Store, fleet: readonly Endpoint[], sha256: ReturnType<typeof hashOf>): Promise<void> {
  const facts = { sha256, size: 1, actionId: null, quarantinedAt: 1, takenAt: 1 };
  const records = fleet.map((endpoint) =>
    heldRecord({ endpoint, path, vaultObject: vaultObjectIdSchema.parse(randomUUID()) }, facts),
  );
  await store.transact(({ quarantine }) => quarantine.insert(records));
}

function hashOf(text: string) {
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

const doorbell = { reach: 'process', ring: () => undefined } as const;
const lifetime = 4 * day;
const policy: Policy = {
  ...{ licences: [], batchLimit: 1_000, quarantineEndpointLimit: 1_000_000, sessionLifetime: hour },
  nativeSession: { lifetime: hour, idle: null },
  guard: {
    ...{ reach: 'off', mostEndpoints: 25, mostPercent: 1, mostFetchedFiles: 1_000, mostFetchEndpoints: 200 },
    ...{ mostFilesHourly: 10_000, patience: day },
  },
  lifetime: {
    ...{ fetch: lifetime, quarantine: lifetime, restore: lifetime, purge: lifetime, search: lifetime, logs: lifetime },
    scan: lifetime,
  },
  ...{
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
