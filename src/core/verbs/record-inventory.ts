import type { Endpoint } from '../endpoint/endpoint.ts';
import type { FileFacts, FileRecord } from '../file/file.ts';
import { displayPath, type FilePath, fileName } from '../file/file-path.ts';
import { fileGuid, type Guid } from '../file/guid.ts';
import type { Ports } from '../ports/ports.ts';
import { findBlocked, quarantineBlocked } from './quarantine-listed.ts';

export interface InventoryBatch {
  readonly endpoint: Pick<Endpoint, 'id' | 'number'>;
  readonly files: readonly FileFacts[];
  readonly gone: readonly FilePath[];
}

/**
 * Takes in what an agent saw; new files with a blocked hash are ordered into the vault.
 * @returns the GUIDs of the batch's files, for `recordWholeInventory`.
 */
export async function recordInventory(
  ports: Pick<Ports, 'store' | 'clock' | 'log' | 'random' | 'policy' | 'doorbell'>,
  batch: InventoryBatch,
): Promise<readonly Guid[]> {
  const { endpoint } = batch;
  const seenAt = ports.clock.now();
  const records = batch.files.map(
    (facts): FileRecord => ({
      ...facts,
      guid: fileGuid(endpoint.number, facts.path),
      endpointId: endpoint.id,
      displayPath: displayPath(facts.path),
      name: fileName(facts.path),
      state: 'present',
      seenAt,
      firstSeenAt: seenAt,
    }),
  );
  const gone = batch.gone.map((path) => fileGuid(endpoint.number, path));
  const { foreign, ordered } = await ports.store.transact(async (transaction) => {
    await transaction.files.markGone(gone);
    const blocked = await findBlocked(transaction, records, seenAt);
    return {
      foreign: await transaction.files.upsert(records),
      ordered: await quarantineBlocked(ports, transaction, { endpointId: endpoint.id, blocked }),
    };
  });
  ports.doorbell.ring(ordered);
  if (foreign.length > 0) {
    ports.log.error('Two paths have one GUID; the later file is not shown.', { endpointId: endpoint.id, foreign });
  }
  return records.map((record) => record.guid);
}

/** After a whole list: what it did not name is gone. */
export async function recordWholeInventory(
  ports: Pick<Ports, 'store'>,
  request: { readonly endpoint: Pick<Endpoint, 'id'>; readonly guids: readonly Guid[] },
): Promise<void> {
  await ports.store.transact(({ files }) => files.retainOnly(request.endpoint.id, request.guids));
}
