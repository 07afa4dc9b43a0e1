import type { Action, Task } from '../action/action.ts';
import { type NewEvent, serverActor } from '../custody/event.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';

export interface FoundDamage {
  readonly sha256: Sha256;
  /** The file that was being read; undefined where it was nobody's request. */
  readonly found?: {
    readonly action: Pick<Action, 'id'>;
    readonly task: Pick<Task, 'id' | 'endpointId'>;
    readonly ordinal: number;
  };
}

/** Stored bytes are not those of their hash. Recorded once, however often it is found. */
export async function recordDamage(
  { store, clock, log }: Pick<Ports, 'store' | 'clock' | 'log'>,
  { sha256, found }: FoundDamage,
): Promise<void> {
  log.error('Evidence is damaged: its bytes are not given out. Fetch the file again.', { sha256 });
  const at = clock.now();
  const event: NewEvent = { type: 'evidence_damaged', at, actor: serverActor, facts: { sha256 } };
  await store.transact(async ({ evidence, events }) => {
    if (!(await evidence.markDamaged(sha256, at))) {
      return;
    }
    if (found === undefined) {
      await events.append([event]);
      return;
    }
    const { action, task, ordinal } = found;
    const facts = { sha256, taskId: task.id, ordinal };
    await events.append([{ ...event, actionId: action.id, endpointId: task.endpointId, facts }]);
  });
}
