import { describe, expect, test } from 'bun:test';
import type { Rollout, RolloutKey, RolloutStage } from '#core/guard/rings.ts';
import type { Store } from '#core/ports/store/store.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, endpointOf, outcomeOf, plant, taskId, taskOf } from './records.ts';

/** The rings of the first round of an action. */
export function ringsOf(number: number, round = 1): RolloutKey {
  return { actionId: actionId(number), round };
}

export function rolloutOf(number: number, more: Partial<Rollout> = {}): Rollout {
  return { ...ringsOf(number), sizes: [1, 10, 100], revision: 0, at: { stage: 'planned' }, ...more };
}

export function haltedOf(ring: number): RolloutStage {
  return { stage: 'halted', ring, halt: { at: 2 ** 40, rule: 'silence', count: 1, of: 9, limit: 2 } };
}

const stages: readonly RolloutStage[] = [
  { stage: 'planned' },
  { stage: 'clear', ring: 0 },
  { stage: 'watched', ring: 1, releasedAt: 2 ** 40, leftAt: null },
  { stage: 'watched', ring: 1, releasedAt: 7, leftAt: 8 },
  haltedOf(2),
  { stage: 'out', ring: 4 },
];

/** Action 1 on endpoints 1 to 5, of which 1, 2 and 4 are connected at 5,000, and 5 is revoked. */
async function spread(store: Store): Promise<void> {
  await plant(store);
  await store.transact(async ({ endpoints, tasks, rollouts }) => {
    for (const number of [2, 3, 4, 5]) {
      await endpoints.insert(endpointOf(number));
    }
    const ids = [1, 2, 4].map((number) => endpointId(number));
    await endpoints.markSeen(ids, 4_000, 6_000);
    await endpoints.markSeen([endpointId(3)], 3_000, 5_000);
    await endpoints.revoke([endpointId(5)], 4_500);
    await tasks.insert([5, 4, 3, 2, 1].map((number) => heldOf(number)));
    await rollouts.insert([rolloutOf(1)]);
  });
}

const heldOf = (number: number) => taskOf(number, { endpointId: endpointId(number), state: 'held' });

export function describeRollouts(makePlace: MakePlace): void {
  describe('keeps how far an order by rings is', () => {
    kept(makePlace);
    rounds(makePlace);
    moved(makePlace);
    heldBack(makePlace);
    counted(makePlace);
  });
}

function kept(makePlace: MakePlace): void {
  test(
    'Every stage comes back as it was given; a round of an action has one at most.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const numbers = stages.map((_, index) => index + 2);
      await store.transact(async ({ actions, rollouts }) => {
        await actions.insertAll(numbers.map((number) => actionOf(number)));
        await rollouts.insert(numbers.map((number, index) => rolloutOf(number, { at: stages[index] ?? haltedOf(1) })));
      });
      await store.read(async ({ rollouts }) => {
        for (const [index, number] of numbers.entries()) {
          expect((await rollouts.byRound(ringsOf(number)))?.at).toEqual(stages[index] ?? expect.unreachable());
        }
        expect(await rollouts.byRound(ringsOf(1))).toBeUndefined();
        expect(await rollouts.byAction(actionId(1))).toEqual([]);
        const moving = (await rollouts.moving()).map(({ actionId: id }) => id);
        expect(moving.toSorted()).toEqual([3, 4, 5].map(actionId));
      });
      await expectFault(
        store.transact(({ rollouts }) => rollouts.insert([rolloutOf(2)])),
        'conflict',
      );
    }),
  );

  test(
    'What is halted is told of only while something is held back.',
    withStore(makePlace, async (store) => {
      await spread(store);
      const halted = () => store.read(({ rollouts }) => rollouts.halted());
      await store.transact(({ rollouts }) => rollouts.move(rolloutOf(1), haltedOf(1)));
      expect(await halted()).toEqual([]);
      await store.transact(({ tasks }) => tasks.holdForRings(ringsOf(1), 9_000));
      expect(await halted()).toEqual([rolloutOf(1, { revision: 1, at: haltedOf(1) })]);
      await store.transact(({ tasks }) => tasks.transition([1, 2, 3, 4, 5].map(taskId), 'cancel', { endedAt: 1 }));
      expect(await halted()).toEqual([]);
    }),
  );
}

function rounds(makePlace: MakePlace): void {
  test(
    'The rings of a retry are rings of their own, over tasks of their own.',
    withStore(makePlace, async (store) => {
      await spread(store);
      const again = { actionId: actionId(1), round: 2 };
      await store.transact(async ({ tasks, rollouts }) => {
        await tasks.insert([6, 7].map((number) => ({ ...heldOf(number), endpointId: endpointId(1), round: 2 })));
        await rollouts.insert([{ ...rolloutOf(1), ...again }]);
        expect((await tasks.holdForRings(again, 9_000)).toSorted()).toEqual([6, 7].map(taskId));
        await tasks.holdForRings(ringsOf(1), 9_000);
        await tasks.transition([taskId(6), taskId(1)], 'release', { ring: 1 });
        expect(await rollouts.move({ ...again, revision: 0 }, { stage: 'out', ring: 1 })).toBe(true);
      });
      await store.read(async ({ rollouts }) => {
        expect((await rollouts.byAction(actionId(1))).map(({ round, at }) => [round, at.stage])).toEqual([
          [1, 'planned'],
          [2, 'out'],
        ]);
        expect([await rollouts.countHeldBack(again), await rollouts.countHeldBack(ringsOf(1))]).toEqual([1, 4]);
        expect([await rollouts.countOut(again), await rollouts.countOut(ringsOf(1))]).toEqual([1, 1]);
        expect((await rollouts.heldBack(again, { limit: 9 })).map(({ id }) => id)).toEqual([taskId(7)]);
        expect(await rollouts.members(again, 1)).toHaveLength(1);
      });
    }),
  );
}

function moved(makePlace: MakePlace): void {
  test(
    'Of those who move it at once one does, and what was moved since is not moved from where it was.',
    withStore(makePlace, async (store) => {
      await spread(store);
      const movers = stages.slice(1).map((at) => store.transact(({ rollouts }) => rollouts.move(rolloutOf(1), at)));
      const results = await Promise.all(movers);
      expect(results.filter(Boolean)).toHaveLength(1);
      const winner = stages[results.indexOf(true) + 1] ?? expect.unreachable();
      expect(await store.read(({ rollouts }) => rollouts.byRound(ringsOf(1)))).toEqual(
        rolloutOf(1, { revision: 1, at: winner }),
      );
      await store.transact(async ({ rollouts }) => {
        expect(await rollouts.move(rolloutOf(1), { stage: 'clear', ring: 1 })).toBe(false);
        expect(await rollouts.move(rolloutOf(1, { revision: 1 }), { stage: 'clear', ring: 1 })).toBe(true);
        expect(await rollouts.move(rolloutOf(9), { stage: 'clear', ring: 1 })).toBe(false);
      });
    }),
  );
}

function heldBack(makePlace: MakePlace): void {
  test(
    'What is held waits for its ring from when somebody says so, with a deadline of its own; what has left does not.',
    withStore(makePlace, async (store) => {
      await spread(store);
      await store.transact(async ({ tasks, rollouts }) => {
        expect(await rollouts.countHeldBack(ringsOf(1))).toBe(0);
        await tasks.transition([taskId(2)], 'release');
        const waiting = await tasks.holdForRings(ringsOf(1), 77_000);
        expect(waiting.toSorted()).toEqual([1, 3, 4, 5].map(taskId));
        expect(await tasks.byId(taskId(1))).toMatchObject({ state: 'held', ring: 'later', deadline: 77_000 });
        expect(await tasks.byId(taskId(2))).toMatchObject({ state: 'pending', ring: null, deadline: 9_000 });
        expect(await rollouts.countHeldBack(ringsOf(1))).toBe(4);
        expect(await rollouts.countHeldBack(ringsOf(2))).toBe(0);
      });
    }),
  );

  test(
    'Those who wait for their ring come by the ids of their tasks, where wanted only those that are connected.',
    withStore(makePlace, async (store) => {
      await spread(store);
      await store.transact(({ tasks }) => tasks.holdForRings(ringsOf(1), 9_000));
      await store.read(async ({ rollouts }) => {
        const ask = async (limit: number, connectedAt?: number) => {
          const filter = connectedAt === undefined ? { limit } : { limit, connectedAt };
          return (await rollouts.heldBack(ringsOf(1), filter)).map(({ endpointId: each }) => each);
        };
        expect(await ask(9)).toEqual([1, 2, 3, 4, 5].map((number) => endpointId(number)));
        expect(await ask(9, 5_000)).toEqual([1, 2, 4].map((number) => endpointId(number)));
        expect(await ask(2, 4_999)).toEqual([1, 2].map((number) => endpointId(number)));
        expect(await ask(9, 4_999)).toHaveLength(4);
        expect(await ask(9, 6_000)).toEqual([]);
        expect(await ask(0, 5_000)).toEqual([]);
      });
    }),
  );
}

function counted(makePlace: MakePlace): void {
  test(
    'A ring tells who is in it, where they are and how its files ended; who was removed or withdrawn counts for nothing.',
    withStore(makePlace, async (store) => {
      await spread(store);
      await store.transact(async ({ tasks, outcomes }) => {
        await tasks.holdForRings(ringsOf(1), 9_000);
        await tasks.transition([taskId(1), taskId(3)], 'release', { ring: 1, createdAt: 3_333 });
        await tasks.transition([taskId(2), taskId(5)], 'release', { ring: 2 });
        await tasks.transition([taskId(2)], 'cancel', { endedAt: 4_444 });
        await outcomes.put([
          outcomeOf(1, 0),
          outcomeOf(1, 1),
          outcomeOf(3, 0, { outcome: 'interrupted', reason: 'withdrawn' }),
          outcomeOf(2, 0, { outcome: 'cancelled', reason: 'withdrawn' }),
        ]);
      });
      await store.read(async ({ tasks, rollouts }) => {
        expect(await tasks.byId(taskId(1))).toMatchObject({ state: 'pending', ring: 1, createdAt: 3_333 });
        expect(await rollouts.countOut(ringsOf(1))).toBe(2);
        const first = await rollouts.members(ringsOf(1), 1);
        expect(first.toSorted((one, other) => one.lastSeen - other.lastSeen)).toEqual([
          {
            ...{ endpointId: endpointId(3), state: 'pending', endedAt: null, isRevoked: false },
            ...{ connectedUntil: 5_000, lastSeen: 3_000 },
          },
          {
            ...{ endpointId: endpointId(1), state: 'pending', endedAt: null, isRevoked: false },
            ...{ connectedUntil: 6_000, lastSeen: 4_000 },
          },
        ]);
        const second = await rollouts.members(ringsOf(1), 2);
        expect(second.map(({ state, isRevoked }) => [state, isRevoked]).toSorted()).toEqual([
          ['cancelled', false],
          ['pending', true],
        ]);
        expect(await rollouts.members(ringsOf(1), 3)).toEqual([]);
        const ends = await rollouts.outcomes(ringsOf(1), 1);
        expect(ends.toSorted((one, other) => other.count - one.count)).toEqual([
          { outcome: 'done', reason: null, count: 2 },
          { outcome: 'interrupted', reason: 'withdrawn', count: 1 },
        ]);
      });
    }),
  );
}
