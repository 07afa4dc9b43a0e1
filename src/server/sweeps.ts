import type { Ports } from '#core/ports/ports.ts';
import { day, hour, second } from '#core/time.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { readLifetimes } from '#core/verbs/read-lifetimes.ts';
import { deleteOldEvidence, sealOlderEvidence } from './evidence-sweeps.ts';
import { repeat } from './periodic.ts';
import { sweepRings } from './ring-sweep.ts';

/** How often deadlines are looked at. */
const sweepPause = 2 * second;
/** How often uploads are looked at that were given up, and answers that are kept no longer. */
const slowSweepPause = hour;

/**
 * What is looked at again and again while the server runs. What it ends, deletes and forgets cannot be taken back, so it goes by a time
 * that has surely come.
 * @returns what stops all of it
 */
export function startSweeps(all: Ports): () => Promise<void> {
  const ports = { ...all, clock: all.clockGuard.surely };
  const stops = [
    repeat(ports, sweepPause, () => sweepOverdue(ports)),
    sweepRings(all),
    repeat(ports, slowSweepPause, () => sweepUploads(ports)),
    sealOlderEvidence(ports),
    deleteOldEvidence(ports),
    repeat(ports, slowSweepPause, () => sweepAnswers(ports)),
  ];
  return async () => {
    for (const stop of stops) {
      await stop();
    }
  };
}

/** A fleet that was offline for days has many overdue tasks at once. */
async function sweepOverdue(ports: Pick<Ports, 'store' | 'clock'>): Promise<void> {
  let more = true;
  while (more) {
    more = await expireOverdue(ports);
  }
}

/** A server that is asked nothing more forgets as well. */
async function sweepAnswers({ store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<void> {
  await store.transact(({ idempotency }) => idempotency.deleteExpired(clock.now()));
}

/** A task ends within its lifetime; an upload that got nothing for as long belongs to none that is open. */
async function sweepUploads(ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'policy' | 'log'>): Promise<void> {
  const { blobs, clock, policy, log, store } = ports;
  const lifetime = Math.max(policy.lifetime.fetch, (await readLifetimes(ports)).fetch);
  const swept = (await blobs?.sweepStaged(clock.now() - lifetime)) ?? 0;
  // What was sent longer ago counts for no quota: the order that it was for has ended.
  await store.transact(({ uploadClaims }) => uploadClaims.forgetBefore(clock.now() - lifetime - day));
  if (swept > 0) {
    log.info('Uploads that were given up were removed.', { uploads: swept });
  }
}
