import type { Ports } from '../ports/ports.ts';
import type { OfferedFile } from './demand-upload.ts';

/** Bytes that an agent sent, or offered and need not send, are held whole under their hash. */
export async function recordEvidence(ports: Pick<Ports, 'store' | 'clock'>, file: OfferedFile): Promise<void> {
  const { endpointId, taskId, ordinal, sha256, size } = file;
  const at = ports.clock.now();
  await ports.store.transact(async ({ tasks, evidence, events }) => {
    const task = await tasks.byId(taskId);
    await evidence.insert({ sha256, size, storedAt: at });
    const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
    const facts = { taskId, ordinal, sha256, size };
    const action = task === undefined ? {} : { actionId: task.actionId };
    await events.append([{ type: 'evidence_stored', at, actor, endpointId, ...action, facts }]);
  });
}
