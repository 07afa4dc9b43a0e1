import { serverActor } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Rollout, RolloutKey, RolloutStage } from '../guard/rings.ts';
import type { RolloutReader } from '../ports/store/rollouts.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { toldEndpoints } from './told-targets.ts';

export interface NextRing {
  readonly rollout: Rollout;
  /** The ring before it; 0: none. */
  readonly after: number;
  readonly now: Milliseconds;
}

/**
 * Lets the next ring out, inside the caller's transaction: of the endpoints that wait those that are connected, so many that no more than the
 * ring's size have the order; with the last ring all of them, wherever they are. While nobody is connected whose turn it could be, the
 * rings stay clear, and this is called again. The caller has decided that the ring before it is past, and rings for what is returned.
 * @throws Fault `conflict` where somebody moved the rings since they were read
 */
export async function releaseNextRing(
  transaction: Pick<Transaction, 'rollouts' | 'tasks' | 'events'>,
  { rollout, after, now }: NextRing,
): Promise<readonly EndpointId[]> {
  const { rollouts, tasks, events } = transaction;
  const { actionId, round, sizes } = rollout;
  const held = await rollouts.countHeldBack(rollout);
  const due = await nextMembers(rollouts, rollout, { after, now });
  if (due.length === 0) {
    await moveTo(rollouts, rollout, held === 0 ? { stage: 'out', ring: after } : { stage: 'clear', ring: after });
    return [];
  }
  const ring = after + 1;
  const upTo = sizes[after];
  const watched = { stage: 'watched', ring, releasedAt: now, leftAt: null } as const;
  await moveTo(rollouts, rollout, upTo === undefined ? { stage: 'out', ring } : watched);
  const ids = due.map(({ id }) => id);
  // Agents and signers hold the length of its life to their own limits, and it is issued now.
  const released = new Set((await tasks.transition(ids, 'release', { createdAt: now, ring })).map(({ id }) => id));
  const endpointIds = due.filter(({ id }) => released.has(id)).map(({ endpointId }) => endpointId);
  const facts = { round, ring, upTo: upTo ?? null, heldBack: held - released.size, ...toldEndpoints(endpointIds) };
  await events.append([{ type: 'ring_released', at: now, actor: serverActor, actionId, facts }]);
  return endpointIds;
}

/** Those of the next ring; none while nobody is there, and when nobody is left. */
export async function nextMembers(
  rollouts: RolloutReader,
  { sizes, ...key }: RolloutKey & Pick<Rollout, 'sizes'>,
  { after, now }: Pick<NextRing, 'after' | 'now'>,
): ReturnType<RolloutReader['heldBack']> {
  const upTo = sizes[after];
  if (upTo === undefined) {
    return rollouts.heldBack(key, { limit: Number.MAX_SAFE_INTEGER });
  }
  const limit = Math.max(0, upTo - (await rollouts.countOut(key)));
  return rollouts.heldBack(key, { connectedAt: now, limit });
}

async function moveTo(rollouts: Transaction['rollouts'], from: Rollout, to: RolloutStage): Promise<void> {
  const isThere = from.at.stage === 'clear' && to.stage === 'clear' && from.at.ring === to.ring;
  if (!isThere && !(await rollouts.move(from, to))) {
    throw new Fault('conflict', `The rings of action ${from.actionId} were moved by somebody else at this moment.`);
  }
}
