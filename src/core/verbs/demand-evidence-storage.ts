import { Fault } from '../fault.ts';
import type { BlobStore } from '../ports/blobs.ts';
import type { Ports } from '../ports/ports.ts';

/** @throws Fault `evidence_unavailable` when no server takes evidence: switched off, unreachable or full. */
export async function demandEvidenceStorage(ports: Pick<Ports, 'blobs'>): Promise<BlobStore> {
  if (ports.blobs === undefined) {
    throw new Fault('evidence_unavailable', 'Evidence storage is switched off on this server (CUSTODY_EVIDENCE).');
  }
  await ports.blobs.demandWritable();
  return ports.blobs;
}
