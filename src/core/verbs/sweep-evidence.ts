import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { EvidencePlace } from '../ports/store/evidence.ts';
import { day, type Milliseconds } from '../time.ts';
import { deleteUnwanted, eraseDeleted } from './delete-evidence.ts';
import { readRetention } from './read-retention.ts';

const atOnce = 200;

export interface SweptEvidence {
  /** Files whose age had them deleted. */
  readonly deleted: number;
  /** Files whose deletion was recorded before and is done now. */
  readonly erased: number;
}

type SweepPorts = Pick<Ports, 'store' | 'blobs' | 'clock' | 'log'>;

/**
 * Sees through what was decided, and deletes what is older than evidence is kept, one file after the other: each is judged anew within
 * the transaction that decides. What is held stays, whatever its age. A file that cannot be removed is logged, and keeps no other waiting.
 * @param signal ends it between two files.
 * @throws what the first file was refused with that could not be removed, when all others are done.
 */
export async function sweepEvidence(ports: SweepPorts, signal: AbortSignal): Promise<SweptEvidence> {
  if (ports.blobs === undefined) {
    return { deleted: 0, erased: 0 };
  }
  const sweep = new Sweep(ports, signal);
  const erased = await eraseRest(sweep);
  const { days } = await readRetention(ports);
  const deleted = days === null ? 0 : await deleteOlder(sweep, ports.clock.now() - days * day);
  sweep.demandWhole();
  return { erased, deleted };
}

class Sweep {
  readonly ports: SweepPorts;
  readonly signal: AbortSignal;
  readonly #thrown: unknown[] = [];

  constructor(ports: SweepPorts, signal: AbortSignal) {
    this.ports = ports;
    this.signal = signal;
  }

  /** @returns 1 for a file that is done, to be counted. */
  async take(sha256: Sha256, work: () => Promise<boolean>): Promise<number> {
    try {
      return (await work()) ? 1 : 0;
    } catch (cause) {
      this.ports.log.error('A file of evidence could not be removed; it is tried again with the next sweep.', {
        sha256,
        cause,
      });
      this.#thrown.push(cause);
      return 0;
    }
  }

  demandWhole(): void {
    if (this.#thrown.length > 0) {
      throw this.#thrown[0];
    }
  }
}

async function eraseRest(sweep: Sweep): Promise<number> {
  const { ports, signal } = sweep;
  let erased = 0;
  for (const sha256 of await ports.store.read(({ evidence }) => evidence.unerased(atOnce))) {
    if (signal.aborted) {
      break;
    }
    erased += await sweep.take(sha256, () => eraseDeleted(ports, sha256));
  }
  return erased;
}

async function deleteOlder(sweep: Sweep, before: Milliseconds): Promise<number> {
  const { ports, signal } = sweep;
  let after: EvidencePlace | undefined;
  let deleted = 0;
  for (;;) {
    const from = after;
    const some = await ports.store.read(({ evidence }) => evidence.unwantedSince(before, from, atOnce));
    for (const record of some) {
      if (signal.aborted) {
        return deleted;
      }
      deleted += await sweep.take(record.sha256, () => deleteUnwanted(ports, record));
    }
    after = some.at(-1);
    if (some.length < atOnce) {
      return deleted;
    }
  }
}
