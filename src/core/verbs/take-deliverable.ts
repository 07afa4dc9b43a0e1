import type { Task } from '../action/action.ts';
import { serverActor } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { mayLeave, type StopSwitch } from '../guard/emergency-stop.ts';
import type { Ports } from '../ports/ports.ts';
import { storedStop } from './read-emergency-stop.ts';

interface Request {
  readonly endpointIds: readonly EndpointId[];
}

export interface Deliverable {
  /** Oldest action first. */
  readonly tasks: readonly Task[];
  /** As it was when the tasks were read: what it halts is not among them. */
  readonly stop: StopSwitch;
  /** Those of the endpoints that were revoked while they were connected. */
  readonly revoked: readonly EndpointId[];
}

/**
 * What belongs in the hands of these connected agents: everything that is open, what was sent before included, for a
 * connection may have died with an order on it; agents execute a task at most once. Nothing that an emergency stop halts.
 */
export function deliverableTasks(
  ports: Pick<Ports, 'store' | 'clock'>,
  { endpointIds }: Request,
): Promise<Deliverable> {
  return ports.store.read(async (reader) => {
    const stop = await storedStop(reader);
    const open = await reader.tasks.deliverable(endpointIds, ports.clock.now());
    const revoked = await reader.endpoints.revokedAmong(endpointIds);
    return { stop, tasks: open.filter((task) => mayLeave(task, stop)), revoked };
  });
}

/** Takes all of it, as if every order of it were signed. */
export async function takeDeliverable(
  ports: Pick<Ports, 'store' | 'clock'>,
  request: Request,
): Promise<readonly Task[]> {
  const { tasks: open } = await deliverableTasks(ports, request);
  const withdrawn = await markSent(
    ports,
    open.filter((task) => task.state === 'pending'),
  );
  return open
    .filter((task) => !withdrawn.has(task.id))
    .map((task) => (task.state === 'pending' ? { ...task, state: 'sent' } : task));
}

/** A pending task whose order is about to leave. */
export type UnsentTask = Pick<Task, 'id' | 'actionId' | 'endpointId' | 'state' | 'parameters'>;

/**
 * The orders of these pending tasks are signed and about to leave: from here on only an agent can end them.
 * @returns those that someone withdrew in between, or an emergency stop halts; their orders must not leave.
 */
export async function markSent(
  ports: Pick<Ports, 'store' | 'clock'>,
  unsent: readonly UnsentTask[],
): Promise<ReadonlySet<Task['id']>> {
  if (unsent.length === 0) {
    return new Set();
  }
  const at = ports.clock.now();
  const moved = await ports.store.transact(async ({ tasks, events, settings }) => {
    const stop = await storedStop({ settings });
    const sent = await tasks.transition(
      unsent.filter((task) => mayLeave(task, stop)).map((task) => task.id),
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
