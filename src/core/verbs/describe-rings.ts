import type { ActionId } from '../action/action-id.ts';
import { type RingStanding, type RingTally, ringStanding, tallyRing } from '../guard/ring-standing.ts';
import type { RingPolicy, RingState, RingWait, Rollout } from '../guard/rings.ts';
import type { Ports } from '../ports/ports.ts';
import type { RolloutReader } from '../ports/store/rollouts.ts';
import type { Milliseconds } from '../time.ts';

export interface DescribedRing extends Pick<RingTally, 'ended' | 'files' | 'failed' | 'silent'> {
  readonly ring: number;
  /** How many endpoints have the order when it has gone out; null: all. */
  readonly upTo: number | null;
  readonly state: RingState;
  /** How many endpoints are in it; 0 before it went out. */
  readonly size: number;
}

export interface DescribedRings {
  readonly rollout: Rollout;
  readonly heldBack: number;
  /** Null: for nothing, or for no longer than a moment. */
  readonly waitsFor: RingWait | null;
  readonly rings: readonly DescribedRing[];
}

/**
 * How far an order is that goes out by rings; undefined of one that does not. Of an action whose retry goes by rings too, those that hold
 * something back count, the oldest first, and else the newest.
 */
export async function describeRings(
  { store, clock, policy }: Pick<Ports, 'store' | 'clock' | 'policy'>,
  id: ActionId,
): Promise<DescribedRings | undefined> {
  return store.read(async ({ rollouts }) => {
    const current = await currentRollout(rollouts, id);
    if (current === undefined) {
      return undefined;
    }
    const { rollout, heldBack } = current;
    const numbers = [...rollout.sizes.keys(), rollout.sizes.length].map((index) => index + 1);
    const tallies: RingTally[] = [];
    for (const ring of numbers) {
      tallies.push(await tallyOf(rollouts, { rollout, ring }, { policy: policy.rings, now: clock.now() }));
    }
    const rings = numbers.map((ring, index) => described(rollout, { ring, heldBack, tally: tallies[index] ?? none }));
    const last = tallies[ringOf(rollout) - 1];
    return { rollout, heldBack, rings, waitsFor: waitOf(rollout, last, { policy: policy.rings, now: clock.now() }) };
  });
}

async function currentRollout(
  rollouts: RolloutReader,
  id: ActionId,
): Promise<Pick<DescribedRings, 'rollout' | 'heldBack'> | undefined> {
  const all = await rollouts.byAction(id);
  for (const rollout of all) {
    const heldBack = await rollouts.countHeldBack(rollout);
    if (heldBack > 0) {
      return { rollout, heldBack };
    }
  }
  const newest = all.at(-1);
  return newest && { rollout: newest, heldBack: 0 };
}

interface Judged {
  readonly policy: RingPolicy;
  readonly now: Milliseconds;
}

const none = tallyRing([], [], {
  ...{ now: 0, heardSince: 0, leftAt: null },
  policy: { patience: 0, watch: 0 },
});

function ringOf({ at }: Rollout): number {
  return at.stage === 'planned' ? 0 : at.ring;
}

function leftAtOf({ at }: Rollout): Milliseconds | null {
  return at.stage === 'watched' ? at.leftAt : null;
}

async function tallyOf(
  rollouts: RolloutReader,
  { rollout, ring }: { readonly rollout: Rollout; readonly ring: number },
  { policy, now }: Judged,
): Promise<RingTally> {
  if (ring > ringOf(rollout)) {
    return none;
  }
  const leftAt = ring === ringOf(rollout) ? leftAtOf(rollout) : null;
  const members = await rollouts.members(rollout, ring);
  return tallyRing(members, await rollouts.outcomes(rollout, ring), { now, heardSince: 0, leftAt, policy });
}

function described(
  rollout: Rollout,
  { ring, heldBack, tally }: { readonly ring: number; readonly heldBack: number; readonly tally: RingTally },
): DescribedRing {
  const { size, ended, files, failed, silent } = tally;
  const upTo = rollout.sizes[ring - 1] ?? null;
  return { ring, upTo, state: stateOf(rollout, ring, heldBack), size, ended, files, failed, silent };
}

function stateOf({ at, sizes }: Rollout, ring: number, heldBack: number): RingState {
  if (at.stage === 'planned') {
    return 'waiting';
  }
  if (ring > at.ring) {
    return heldBack > 0 ? 'waiting' : 'unused';
  }
  if (ring < at.ring || at.stage === 'clear') {
    return 'passed';
  }
  if (at.stage === 'out') {
    return ring > sizes.length ? 'out' : 'passed';
  }
  return at.stage;
}

const standingWaits: Readonly<Record<RingStanding['is'], RingWait | null>> = {
  waiting: null,
  left: 'reports',
  healthy: null,
  empty: null,
  harmful: null,
};

function waitOf({ at }: Rollout, tally: RingTally | undefined, { policy, now }: Judged): RingWait | null {
  switch (at.stage) {
    case 'planned':
      return 'approval';
    case 'clear':
      return 'connection';
    case 'halted':
      return 'person';
    case 'out':
      return null;
    case 'watched': {
      const standing = ringStanding(tally ?? none, policy, { now, heardSince: 0, leftAt: at.leftAt });
      return standing.is === 'waiting' ? standing.on : standingWaits[standing.is];
    }
  }
}
