import type { NewEvent } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { OfferedFile } from './demand-upload.ts';

/** Bytes that an agent sent are held whole under their hash. To be called within `alone` of their storage. */
export async function recordEvidence(ports: Pick<Ports, 'store' | 'clock'>, file: OfferedFile): Promise<void> {
  const { sha256, size } = file;
  const at = ports.clock.now();
  await ports.store.transact(async (transaction) => {
    await transaction.evidence.insert({ sha256, size, storedAt: at });
    await claim(transaction, file, at);
  });
}

/**
 * Bytes that an agent offers need not be sent, for storage holds them and nothing speaks against them. To be called within `alone`
 * of that storage.
 * @returns false when they were deleted, or are damaged: they must be sent.
 */
export async function claimEvidence(ports: Pick<Ports, 'store' | 'clock'>, file: OfferedFile): Promise<boolean> {
  const { sha256, size } = file;
  const at = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const [record] = await transaction.evidence.byHashes([sha256]);
    if (record !== undefined && (record.deletion !== null || record.damagedAt !== null)) {
      return false;
    }
    // A server that was killed between storing and recording left no record.
    await transaction.evidence.insert({ sha256, size, storedAt: at });
    await claim(transaction, file, at);
    return true;
  });
}

async function claim({ tasks, evidence, events }: Transaction, file: OfferedFile, at: number): Promise<void> {
  const { endpointId, taskId, ordinal, sha256, size } = file;
  const task = await tasks.byId(taskId);
  await evidence.claim({ sha256, taskId, ordinal, at });
  const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
  const facts = { taskId, ordinal, sha256, size };
  const stored: NewEvent = { type: 'evidence_stored', at, actor, endpointId, facts };
  await events.append([task === undefined ? stored : { ...stored, actionId: task.actionId }]);
}
