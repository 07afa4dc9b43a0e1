import type { Action } from '../action/action.ts';
import type { DispatchObstacle } from '../ports/dispatch.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * Why an action that was just recorded cannot be dispatched to any of its endpoints now; undefined where it can. An endpoint that
 * is away is no obstacle: waiting for it is what an order does.
 */
export async function dispatchObstacle(
  { store, dispatch }: Pick<Ports, 'store' | 'dispatch'>,
  { id }: Pick<Action, 'id'>,
): Promise<DispatchObstacle | undefined> {
  const isHeld = await store.read(({ tasks }) => tasks.areHeld(id));
  return isHeld ? 'held' : await dispatch.obstacle();
}
