import { serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import { endFiles } from './end-files.ts';

const batch = 500;

/**
 * Ends tasks whose deadline has passed. A report that comes later still replaces what is written here.
 * @returns how many were ended; call again while it is as many as one batch holds.
 */
export async function expireOverdue(ports: Pick<Ports, 'store' | 'clock'>): Promise<number> {
  const now = ports.clock.now();
  return ports.store.transact(async ({ tasks, outcomes, events }) => {
    const overdue = await tasks.overdue(now, batch);
    const moved = await tasks.transition(
      overdue.map((task) => task.id),
      'expire',
      { endedAt: now },
    );
    const expired = new Set(moved.map((task) => task.id));
    const ended = overdue.filter((task) => expired.has(task.id));
    await outcomes.put(
      ended.flatMap((task) =>
        endFiles(task, {
          outcome: 'expired',
          reason: 'deadline_passed',
          message:
            task.acceptedAt === null
              ? 'The endpoint did not take the order before its deadline.'
              : 'The endpoint took the order but did not report before its deadline.',
          at: now,
        }),
      ),
    );
    await events.append(
      ended.map((task) => ({
        type: 'tasks_expired',
        at: now,
        actor: serverActor,
        actionId: task.actionId,
        endpointId: task.endpointId,
        facts: { taskId: task.id },
      })),
    );
    return overdue.length;
  });
}
