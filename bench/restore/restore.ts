import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { Store } from '#core/ports/store/store.ts';
import { minute, second } from '#core/time.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import { heldRecord } from '#core/verbs/vault-effects.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { doorbell, hashOf, plant, policy, principal } from '../planted-fleet.ts';

export interface RestoreOptions {
  readonly endpoints: number;
}

/** What a restore of a whole fleet gets of the store's usual five seconds: one that takes longer is refused. */
const deadline = 30 * second;
const path = parsePath('/srv/bad.bin');
const origin = { principal, dialect: 'cortex' } as const;

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

async function hold(store: Store, fleet: readonly Endpoint[], sha256: ReturnType<typeof hashOf>): Promise<void> {
  const facts = { sha256, size: 1, actionId: null, quarantinedAt: 1, takenAt: 1 };
  const records = fleet.map((endpoint) =>
    heldRecord({ endpoint, path, vaultObject: vaultObjectIdSchema.parse(randomUUID()) }, facts),
  );
  await store.transact(({ quarantine }) => quarantine.insert(records));
}
