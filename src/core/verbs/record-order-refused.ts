import type { TaskId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import { endFiles } from './end-files.ts';

export interface RefusedOrder {
  readonly endpointId: EndpointId;
  readonly taskId: TaskId;
  /** The agent's words. */
  readonly why: string;
}

/** An agent did not execute an order, and never will: its signature, addressee or form was wrong. */
export async function recordOrderRefused(
  ports: Pick<Ports, 'store' | 'clock' | 'log'>,
  refused: RefusedOrder,
): Promise<void> {
  const { endpointId, taskId, why } = refused;
  const now = ports.clock.now();
  ports.log.error('An agent refused an order.', { endpointId, taskId, why });
  await ports.store.transact(async ({ tasks, outcomes, events }) => {
    const task = await tasks.byId(taskId);
    const moved = task?.endpointId === endpointId ? await tasks.transition([taskId], 'refuse', { endedAt: now }) : [];
    if (task === undefined || moved.length === 0) {
      return;
    }
    await outcomes.put(endFiles(task, { outcome: 'refused', reason: 'order_rejected', message: why, at: now }));
    const actor = { kind: 'agent', id: endpointId, name: endpointId } as const;
    const facts = { taskId, refused: why };
    await events.append([{ type: 'task_finished', at: now, actor, actionId: task.actionId, endpointId, facts }]);
  });
}
