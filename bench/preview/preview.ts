import { createHash, randomUUID } from 'node:crypto';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { md5Schema, sha1Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import type { Store } from '#core/ports/store/store.ts';
import { second } from '#core/time.ts';
import { previewQuarantine } from '#core/verbs/preview-quarantine.ts';
import { heldRecord } from '#core/verbs/vault-effects.ts';
import { systemClock } from '#server/system-clock.ts';
import { openBenchStore } from '../bench-store.ts';
import { hashOf, plant, policy, principal } from '../planted-fleet.ts';

export interface PreviewOptions {
  readonly endpoints: number;
  readonly rounds: number;
}

/** Promise P75. */
const limit = 2 * second;
const sha256 = hashOf('common');
/** One of so many endpoints has quarantined it already. */
const heldShare = 10;
const guarded = { ...policy, guard: { ...policy.guard, reach: 'all' } } as const;

/** How long a preview takes of a content that every endpoint of a fleet has. */
export async function preview({ endpoints, rounds }: PreviewOptions): Promise<string> {
  await using opened = await openBenchStore();
  const { store, database } = opened;
  const fleet = await plant(store, endpoints);
  await report(store, fleet);
  await opened.settle();
  const ports = { store, clock: systemClock, policy: guarded };
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const begun = performance.now();
    const { spread } = await previewQuarantine(ports, { principal, dialect: 'native', sha256 });
    times.push(performance.now() - begun);
    if (spread.endpoints !== endpoints) {
      throw new Error(`The preview counted ${spread.endpoints} of ${endpoints} endpoints.`);
    }
  }
  return lines({ endpoints, database }, times.slice(1));
}

function lines(
  { endpoints, database }: { readonly endpoints: number; readonly database: string },
  times: readonly number[],
): string {
  const slowest = Math.max(...times);
  const all = times.map((time) => time.toFixed(0)).join(', ');
  return [
    `the preview of a quarantine of a file that all of ${endpoints} endpoints have, ${database}`,
    `  each round          ${all} ms`,
    `  slowest / limit     ${(slowest / limit).toFixed(2)} (limit ${limit} ms)`,
  ].join('\n');
}

async function report(store: Store, fleet: readonly Endpoint[]): Promise<void> {
  for (let start = 0; start < fleet.length; start += 5_000) {
    const part = fleet.slice(start, start + 5_000);
    const held = part.filter((_, index) => index % heldShare === 0).map(heldOf);
    await store.transact(async ({ files, quarantine }) => {
      await files.upsert(part.map(fileOf));
      await quarantine.insert(held);
    });
  }
}

function fileOf({ id, number }: Endpoint, index: number): FileRecord {
  const displayPath = `/srv/${index % 50}/common.bin`;
  const path = parsePath(displayPath);
  const other = (algorithm: string) => createHash(algorithm).update('common').digest('hex');
  return {
    ...{ guid: fileGuid(number, path), endpointId: id, path, displayPath, name: 'common.bin', size: 6, sha256 },
    ...{ sha1: sha1Schema.parse(other('sha1')), md5: md5Schema.parse(other('md5')), modifiedNs: '1', changedNs: '1' },
    ...{ createdNs: null, mode: 0o644, uid: 0, gid: 0, owner: 'root', kind: 'other', package: null, state: 'present' },
    ...{ seenAt: 1, firstSeenAt: 1 },
  };
}

function heldOf(endpoint: Endpoint) {
  const vaultObject = vaultObjectIdSchema.parse(randomUUID());
  const facts = { sha256, size: 1, actionId: null, quarantinedAt: 1, takenAt: 1 };
  return heldRecord({ endpoint, path: parsePath('/srv/before.bin'), vaultObject }, facts);
}
