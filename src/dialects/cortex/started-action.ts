import type { Action } from '#core/action/action.ts';
import { obstacleWords } from '#core/action/obstacle-words.ts';
import type { Json } from '#core/custody/event.ts';
import type { DispatchObstacle } from '#core/ports/dispatch.ts';
import type { Ports } from '#core/ports/ports.ts';
import { dispatchObstacle } from '#core/verbs/dispatch-obstacle.ts';
import { reply } from './answer.ts';

/** An order may concern a whole fleet; what keeps it is the same for all. */
const mostNamed = 1_000;

/**
 * What every response action answers. `status` 1 says that the order was placed; how it ends is for Get Action Status. 0 says that it
 * was recorded and can be dispatched to nobody now, with the reason in the form that Get Action Status has for reasons. Digits in
 * text are the one form of id and count that every known client takes; an installation may choose integers.
 */
export async function startedAction(
  ports: Pick<Ports, 'store' | 'dispatch' | 'policy'>,
  action: Pick<Action, 'id' | 'endpointsCount'>,
): Promise<Response> {
  const written = (count: string) => (ports.policy.cortex.idForm === 'integer' ? Number(count) : count);
  const obstacle = await dispatchObstacle(ports, action);
  const started = {
    action_id: written(action.id),
    status: obstacle === undefined ? 1 : 0,
    endpoints_count: written(String(action.endpointsCount)),
  };
  return reply(
    obstacle === undefined ? started : { ...started, errorReasons: await errorReasons(ports, action, obstacle) },
  );
}

async function errorReasons(
  { store }: Pick<Ports, 'store'>,
  { id }: Pick<Action, 'id'>,
  obstacle: DispatchObstacle,
): Promise<Json> {
  const tasks = await store.read((reader) => reader.tasks.standingOf(id));
  const reason = { errorDescription: obstacleWords[obstacle] };
  return Object.fromEntries(tasks.slice(0, mostNamed).map(({ endpointId }) => [endpointId, reason]));
}
