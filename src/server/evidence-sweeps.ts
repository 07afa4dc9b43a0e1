import type { Ports } from '#core/ports/ports.ts';
import { hour, minute } from '#core/time.ts';
import { recordDamage } from '#core/verbs/record-damage.ts';
import { sweepEvidence } from '#core/verbs/sweep-evidence.ts';
import { repeat } from './periodic.ts';

/**
 * Encrypts evidence that an older version has stored in plain, while the server runs: once, for no more can come.
 * @returns what stops it, between two files.
 */
export function sealOlderEvidence(ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'log'>): () => Promise<void> {
  const ending = new AbortController();
  let isDone = ports.blobs === undefined;
  const stop = repeat(ports, minute, async () => {
    if (isDone || ports.blobs === undefined) {
      return;
    }
    const { sealed, damaged } = await ports.blobs.sealOlder(ending.signal);
    isDone = !ending.signal.aborted;
    if (sealed > 0) {
      ports.log.info('Evidence that was stored in plain is encrypted now.', { files: sealed });
    }
    for (const sha256 of damaged) {
      await recordDamage(ports, { sha256 });
    }
  });
  return () => {
    ending.abort();
    return stop();
  };
}

/** Deletes what is older than evidence is kept, while the server runs. @returns what stops it, between two files. */
export function deleteOldEvidence(ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'log'>): () => Promise<void> {
  const ending = new AbortController();
  const stop = repeat(ports, hour, async () => {
    const { deleted, erased } = await sweepEvidence(ports, ending.signal);
    if (deleted > 0 || erased > 0) {
      ports.log.info('Evidence was deleted.', { files: deleted, alreadyDecided: erased });
    }
  });
  return () => {
    ending.abort();
    return stop();
  };
}
