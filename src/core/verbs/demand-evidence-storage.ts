import { Fault } from '../fault.ts';
import type { BlobStore } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { second } from '../time.ts';

/** A medium that takes longer to write one small file is as good as gone: a mount whose server is dead never answers. */
const patience = 10 * second;

/** @throws Fault `evidence_unavailable` when no server takes evidence: switched off, unreachable, silent or full. */
export async function demandEvidenceStorage(ports: Pick<Ports, 'blobs' | 'clock'>): Promise<BlobStore> {
  const blobs = await demandLiveStorage(ports);
  await inTime(ports.clock, blobs.demandRoom(0));
  return blobs;
}

/** Evidence storage that answers, with room or without. @throws Fault `evidence_unavailable` */
export async function demandLiveStorage(ports: Pick<Ports, 'blobs' | 'clock'>): Promise<BlobStore> {
  const blobs = demandBlobs(ports);
  await inTime(ports.clock, blobs.demandWritable());
  return blobs;
}

/** Evidence storage, whether it answers or not. @throws Fault `evidence_unavailable` when it is switched off. */
export function demandBlobs({ blobs }: Pick<Ports, 'blobs'>): BlobStore {
  if (blobs === undefined) {
    throw new Fault('evidence_unavailable', 'Evidence storage is switched off on this server (CUSTODY_EVIDENCE).');
  }
  return blobs;
}

async function inTime(clock: Clock, work: Promise<void>): Promise<void> {
  const silence = Promise.withResolvers<never>();
  const withdraw = clock.schedule(patience, () => {
    silence.reject(new Fault('evidence_unavailable', 'Evidence storage does not answer.'));
  });
  try {
    await Promise.race([work, silence.promise]);
  } finally {
    withdraw();
  }
}
