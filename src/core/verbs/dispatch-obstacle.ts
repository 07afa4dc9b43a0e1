import type { Action, Task } from '../action/action.ts';
import { needsConfirmation } from '../action/needs-confirmation.ts';
import { mayLeave } from '../guard/emergency-stop.ts';
import type { DispatchObstacle } from '../ports/dispatch.ts';
import type { Ports } from '../ports/ports.ts';
import { storedStop } from './read-emergency-stop.ts';

/**
 * Why an action that was just recorded cannot be dispatched to any of its endpoints now; undefined where it can. An endpoint that
 * is away is no obstacle: waiting for it is what an order does.
 */
export async function dispatchObstacle(
  ports: Pick<Ports, 'store' | 'dispatch'>,
  { id }: Pick<Action, 'id'>,
): Promise<DispatchObstacle | undefined> {
  const { isHeld, pending } = await ports.store.read(async ({ tasks }) => ({
    isHeld: await tasks.areHeld(id),
    pending: await tasks.onePending(id),
  }));
  return isHeld ? 'held' : await obstacleOf(ports, pending);
}

/**
 * What the tasks of one action that have not left yet wait for, beside their endpoints; by task. All of them ask the same of their
 * endpoints for the same time, so the signer is asked about one.
 */
export async function whatTasksWaitFor(
  ports: Pick<Ports, 'store' | 'dispatch' | 'policy' | 'clock'>,
  tasks: readonly Task[],
): Promise<ReadonlyMap<Task['id'], DispatchObstacle>> {
  const { policy, clock } = ports;
  const now = clock.now();
  const old = tasks.filter((task) => needsConfirmation(task, policy.confirmAfter, now));
  const unconfirmed = old.map(({ id }) => [id, 'unconfirmed'] as const);
  const held = await whatHeldWaitFor(
    ports.store,
    tasks.filter(({ state }) => state === 'held'),
  );
  const pending = tasks.filter((task) => task.state === 'pending' && !old.includes(task));
  const obstacle = pending.length === 0 ? undefined : await obstacleOf(ports, pending[0]);
  const waiting = obstacle === undefined ? [] : pending.map(({ id }) => [id, obstacle] as const);
  return new Map([...held, ...unconfirmed, ...waiting]);
}

/** The emergency stop comes first: while it is engaged, a signer that is away is of no matter. */
async function obstacleOf(
  { store, dispatch }: Pick<Ports, 'store' | 'dispatch'>,
  pending: Task | undefined,
): Promise<DispatchObstacle | undefined> {
  const isStopped = pending !== undefined && !mayLeave(pending, await store.read(storedStop));
  return isStopped ? 'emergency_stop' : await dispatch.obstacle(pending);
}

/** A second person, or their ring. */
async function whatHeldWaitFor(
  store: Ports['store'],
  held: readonly Task[],
): Promise<readonly (readonly [Task['id'], DispatchObstacle])[]> {
  const ringed = held.find(({ ring }) => ring === 'later');
  const all = ringed === undefined ? [] : await store.read(({ rollouts }) => rollouts.byAction(ringed.actionId));
  const halted = new Set(all.filter(({ at }) => at.stage === 'halted').map(({ round }) => round));
  const later = (round: number) => (halted.has(round) ? 'rings_halted' : 'ring');
  return held.map(({ id, ring, round }) => [id, ring === 'later' ? later(round) : 'held'] as const);
}
