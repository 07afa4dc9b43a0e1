import type { TaskId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

export interface Acceptance {
  readonly endpointId: EndpointId;
  readonly taskIds: readonly TaskId[];
}

/**
 * Agents have these orders on disk. An agent speaks only of its own tasks: others are passed over. No event tells of it: nobody signs it,
 * and it is not written where the signed report comes with it, which says more.
 */
export async function recordAccepted(
  ports: Pick<Ports, 'store' | 'clock'>,
  acceptances: readonly Acceptance[],
): Promise<void> {
  // Whoever names another's task in the same run must not take that one's word away either.
  const said = new Set(acceptances.flatMap(({ endpointId, taskIds }) => taskIds.map((id) => nameOf(endpointId, id))));
  const named = new Set(acceptances.flatMap(({ taskIds }) => taskIds));
  const acceptedAt = ports.clock.now();
  await ports.store.transact(async ({ tasks }) => {
    const known = await tasks.placesOf([...named]);
    const own = known.filter((task) => said.has(nameOf(task.endpointId, task.id)));
    await tasks.transition(
      own.map((task) => task.id),
      'accept',
      { acceptedAt },
    );
  });
}

function nameOf(endpointId: EndpointId, taskId: TaskId): string {
  return `${endpointId}/${taskId}`;
}
