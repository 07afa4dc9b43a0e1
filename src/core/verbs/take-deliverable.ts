import type { Task } from '../action/action.ts';
import { serverActor } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * What belongs in the hands of these connected agents: everything that is open, what was sent before included, for a
 * connection may have died with an order on it; agents execute a task at most once. Oldest action first.
 */
export async function takeDeliverable(
  ports: Pick<Ports, 'store' | 'clock'>,
  request: { readonly endpointIds: readonly EndpointId[] },
): Promise<readonly Task[]> {
  const now = ports.clock.now();
  const open = await ports.store.read(({ tasks }) => tasks.deliverable(request.endpointIds, now));
  const unsent = open.filter((task) => task.state === 'pending');
  if (unsent.length === 0) {
    return open;
  }
  const withdrawn = await markSent(ports, unsent, now);
  return open
    .filter((task) => !withdrawn.has(task.id))
    .map((task) => (task.state === 'pending' ? { ...task, state: 'sent' } : task));
}

/** @returns those that someone withdrew in between. */
async function markSent(
  ports: Pick<Ports, 'store'>,
  unsent: readonly Task[],
  at: number,
): Promise<ReadonlySet<Task['id']>> {
  const moved = await ports.store.transact(async ({ tasks, events }) => {
    const sent = await tasks.transition(
      unsent.map((task) => task.id),
      'send',
    );
    const ids = new Set(sent.map((task) => task.id));
    const byAction = Map.groupBy(
      unsent.filter((task) => ids.has(task.id)),
      (task) => task.actionId,
    );
    await events.append(
      [...byAction].map(([actionId, group]) => ({
        type: 'tasks_sent',
        at,
        actor: serverActor,
        actionId,
        facts: { endpoints: group.map((task) => task.endpointId) },
      })),
    );
    return ids;
  });
  return new Set(unsent.map((task) => task.id).filter((id) => !moved.has(id)));
}
