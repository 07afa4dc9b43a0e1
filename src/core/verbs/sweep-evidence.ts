import type { Ports } from '../ports/ports.ts';
import type { EvidencePlace } from '../ports/store/evidence.ts';
import { day } from '../time.ts';
import { deleteUnwanted, eraseDeleted } from './delete-evidence.ts';
import { readRetention } from './read-retention.ts';

const atOnce = 200;

export interface SweptEvidence {
  /** Files whose age had them deleted. */
  readonly deleted: number;
  /** Files whose deletion was recorded before and is done now. */
  readonly erased: number;
}

/**
 * Sees through what was decided, and deletes what is older than evidence is kept, one file after the other: each is judged anew within
 * the transaction that decides. What is held stays, whatever its age.
 * @param signal ends it between two files.
 */
export async function sweepEvidence(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock'>,
  signal: AbortSignal,
): Promise<SweptEvidence> {
  if (ports.blobs === undefined) {
    return { deleted: 0, erased: 0 };
  }
  const erased = await eraseRest(ports, signal);
  const { days } = await readRetention(ports);
  return { erased, deleted: days === null ? 0 : await deleteOlder(ports, days, signal) };
}

async function eraseRest(ports: Pick<Ports, 'store' | 'blobs' | 'clock'>, signal: AbortSignal): Promise<number> {
  let erased = 0;
  for (const sha256 of await ports.store.read(({ evidence }) => evidence.unerased(atOnce))) {
    if (signal.aborted) {
      break;
    }
    erased += (await eraseDeleted(ports, sha256)) ? 1 : 0;
  }
  return erased;
}

async function deleteOlder(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock'>,
  days: number,
  signal: AbortSignal,
): Promise<number> {
  const before = ports.clock.now() - days * day;
  let after: EvidencePlace | undefined;
  let deleted = 0;
  for (;;) {
    const from = after;
    const some = await ports.store.read(({ evidence }) => evidence.unwantedSince(before, from, atOnce));
    for (const record of some) {
      if (signal.aborted) {
        return deleted;
      }
      deleted += (await deleteUnwanted(ports, record, { before, days })) ? 1 : 0;
    }
    after = some.at(-1);
    if (some.length < atOnce) {
      return deleted;
    }
  }
}
