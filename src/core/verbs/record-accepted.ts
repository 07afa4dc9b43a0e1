import type { TaskId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';

export interface Acceptance {
  readonly endpointId: EndpointId;
  readonly taskIds: readonly TaskId[];
}

/** Agents have these orders on disk. An agent speaks only of its own tasks: others are passed over. */
export async function recordAccepted(
  ports: Pick<Ports, 'store' | 'clock'>,
  acceptances: readonly Acceptance[],
): Promise<void> {
  const speaker = new Map(acceptances.flatMap(({ endpointId, taskIds }) => taskIds.map((id) => [id, endpointId])));
  const acceptedAt = ports.clock.now();
  await ports.store.transact(async ({ tasks }) => {
    const known = await tasks.placesOf([...speaker.keys()]);
    const own = known.filter((task) => speaker.get(task.id) === task.endpointId);
    await tasks.transition(
      own.map((task) => task.id),
      'accept',
      { acceptedAt },
    );
  });
}
