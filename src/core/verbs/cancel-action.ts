import type { Principal } from '../access/principal.ts';
import type { Action, Task } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { endFiles } from './end-files.ts';

export interface Cancelled {
  /** Tasks that no agent had: they are withdrawn. */
  readonly withdrawn: number;
  /** Tasks that agents have: they are asked not to begin. One that has begun is finished. */
  readonly asked: number;
}

/**
 * Cancels what of an action has not ended: withdraws what no agent has, and asks those that have it not to begin. Nothing that has
 * happened is undone.
 */
export async function cancelAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  action: Pick<Action, 'id'>,
): Promise<Cancelled> {
  const { cancelled, ring } = await ports.store.transact((transaction) =>
    cancelIn(transaction, { by, actionId: action.id, now: ports.clock.now() }),
  );
  ports.doorbell.ring(ring);
  return cancelled;
}

export interface Cancelling {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly actionId: Action['id'];
  readonly now: number;
  /** Leaves alone what an agent may have already. */
  readonly onlyUnsent?: boolean;
}

/** Within the caller's transaction; the caller rings for `ring` after the commit. */
export async function cancelIn(
  { tasks, outcomes, events }: Transaction,
  { by, actionId, now, onlyUnsent = false }: Cancelling,
): Promise<{ readonly cancelled: Cancelled; readonly ring: readonly EndpointId[] }> {
  const all = await tasks.byAction(actionId);
  const open = onlyUnsent ? all.filter(({ state }) => state === 'held' || state === 'pending') : all;
  const moved = await tasks.transition(
    open.map((task) => task.id),
    'cancel',
    { endedAt: now },
  );
  const inState = (state: Task['state']) => {
    const ids = new Set(moved.filter((task) => task.state === state).map((task) => task.id));
    return all.filter((task) => ids.has(task.id));
  };
  const withdrawn = inState('cancelled');
  const asked = inState('cancelling');
  const end = { outcome: 'cancelled', reason: 'withdrawn', message: 'The action was cancelled.', at: now } as const;
  await outcomes.put(withdrawn.flatMap((task) => endFiles(task, end)));
  const cancelled = { withdrawn: withdrawn.length, asked: asked.length };
  if (moved.length > 0) {
    await events.append([{ type: 'action_cancelled', at: now, actor: by, actionId, facts: { ...cancelled } }]);
  }
  return { cancelled, ring: asked.map((task) => task.endpointId) };
}
