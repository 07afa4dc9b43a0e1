import { describe, expect, test } from 'bun:test';
import type { Task } from '#core/action/action.ts';
import { awaitsConfirmation } from '#core/action/needs-confirmation.ts';
import { taskStates } from '#core/action/task-state.ts';
import type { Store } from '#core/ports/store/store.ts';
import { fetchOf, purgeOf, quarantineOf } from '#kit/parameters.ts';
import { approvalOf } from './approvals.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, outcomeOf, plant, sha256Of, taskId, taskOf } from './records.ts';

const all = { offset: 0, limit: 10 };
const numbers = (ids: readonly { readonly id: string }[]) => ids.map(({ id }) => Number.parseInt(id, 16));

/** Action 1 on two endpoints: the first was tried twice. */
async function retried(store: Store): Promise<void> {
  await plant(store, 2);
  const place = { ordinal: 0, endpointId: endpointId(1), parameters: fetchOf('/a') };
  await store.transact(async ({ tasks }) => {
    await tasks.insert([
      taskOf(9, { ...place, state: 'expired' }),
      taskOf(2, { ...place, ordinal: 1, endpointId: endpointId(2), state: 'finished' }),
      taskOf(3, { ...place, round: 2 }),
    ]);
    expect(await tasks.markRetried([{ id: taskId(9), retriedBy: taskId(3) }])).toEqual([taskId(9)]);
  });
}

export function describeRetries(makePlace: MakePlace): void {
  describe('keeps retries', () => {
    marked(makePlace);
    standing(makePlace);
    rounds(makePlace);
    heldRounds(makePlace);
    confirmed(makePlace);
    unconfirmed(makePlace);
  });
}

function marked(makePlace: MakePlace): void {
  test(
    'A task is retried once, and only when it has ended.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ tasks }) => {
        await tasks.insert(taskStates.map((state, index) => taskOf(index, { state })));
        const pairs = taskStates.map((_, index) => ({ id: taskId(index), retriedBy: taskId(100 + index) }));
        const moved = await tasks.markRetried(pairs);
        expect(moved.map((id) => taskStates[Number.parseInt(id, 16)])).toEqual(['finished', 'expired', 'cancelled']);
        expect(await tasks.markRetried(pairs)).toEqual([]);
        expect(await tasks.markRetried([])).toEqual([]);
      });
      const stored = await store.read(({ tasks }) => tasks.byAction(actionId(1)));
      expect(stored.map(({ retriedBy }) => retriedBy)).toEqual(
        taskStates.map((state, index) =>
          ['finished', 'expired', 'cancelled'].includes(state) ? taskId(100 + index) : null,
        ),
      );
    }),
  );
}

function standing(makePlace: MakePlace): void {
  test(
    'Every attempt is there, in its order; what stands, and what is counted, is the last one of each endpoint.',
    withStore(makePlace, async (store) => {
      await retried(store);
      await store.read(async ({ tasks }) => {
        expect(numbers(await tasks.byAction(actionId(1)))).toEqual([9, 3, 2]);
        expect(numbers(await tasks.byActions([actionId(1)]))).toEqual([9, 3, 2]);
        expect(numbers(await tasks.standingOf(actionId(1)))).toEqual([3, 2]);
        const tallies = await tasks.tally([actionId(1)], 0);
        expect(tallies.map(({ standing: { state }, count }) => [state, count]).toSorted()).toEqual([
          ['finished', 1],
          ['pending', 1],
        ]);
      });
    }),
  );

  test(
    'An action of which nothing but the standing tasks is held is held.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ tasks }) => {
        await tasks.insert([taskOf(1, { state: 'expired' }), taskOf(2, { state: 'held', round: 2 })]);
        expect(await tasks.areHeld(actionId(1))).toBe(false);
        await tasks.markRetried([{ id: taskId(1), retriedBy: taskId(2) }]);
        expect(await tasks.areHeld(actionId(1))).toBe(true);
      });
    }),
  );

  test(
    'Of what was retried a failure is not undelivered any more, and bytes that came are until they are delivered.',
    withStore(makePlace, async (store) => {
      await retried(store);
      const listed = async () =>
        (await store.read(({ actions }) => actions.list({ undelivered: true }, all))).items.length;
      const end = (...outcomes: Parameters<typeof outcomeOf>[]) =>
        store.transact((transaction) => transaction.outcomes.put(outcomes.map((each) => outcomeOf(...each))));
      await end([9, 0, { outcome: 'expired' }], [2, 0, { deliveredAt: 1 }], [3, 0, { deliveredAt: 1 }]);
      expect(await listed()).toBe(0);
      await end([9, 0, { outcome: 'done' }]);
      expect(await listed()).toBe(1);
    }),
  );

  test(
    'What ran is told by the last attempt.',
    withStore(makePlace, async (store) => {
      await retried(store);
      const details = { running: [{ pid: 1, startedAt: 1 }] };
      const sha256 = sha256Of('evil');
      await store.transact(({ outcomes }) =>
        outcomes.put([outcomeOf(9, 0, { sha256, details }), outcomeOf(3, 0, { sha256, details })]),
      );
      const { total } = await store.read(({ outcomes }) => outcomes.runningIn(actionId(1), sha256, all));
      expect(total).toBe(1);
    }),
  );
}

function rounds(makePlace: MakePlace): void {
  test(
    'Rounds are numbered from 2, and only put the deadline off.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ actions }) => {
        expect(await actions.beginRound(actionId(1), 12_000)).toBe(2);
        expect(await actions.beginRound(actionId(1), 11_000)).toBe(3);
        expect((await actions.byId(actionId(1)))?.deadline).toBe(12_000);
      });
    }),
  );
}

function heldRounds(makePlace: MakePlace): void {
  const decision = { verdict: 'approved', at: 5, by: { kind: 'user', id: 'u2', name: 'b' }, reason: '' } as const;
  test(
    'An action has one approval for each round that was held; what is read and decided is the newest.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const by = { kind: 'user', id: 'u3', name: 'c' } as const;
      await store.transact(async ({ tasks, approvals, actions }) => {
        await actions.insert(actionOf(2));
        await tasks.insert([taskOf(1, { state: 'cancelled' }), taskOf(2, { state: 'held', round: 2 })]);
        await approvals.insert([approvalOf(1), approvalOf(1, { round: 2, requestedBy: by, requestedAt: 3_000 })]);
      });
      const newest = {
        ...approvalOf(1, { round: 2, requestedBy: by, requestedAt: 3_000 }),
        decision: null,
        isHeld: true,
      };
      await store.transact(async ({ approvals }) => {
        expect(await approvals.byAction(actionId(1))).toEqual(newest);
        expect(await approvals.byActions([actionId(1), actionId(2)])).toEqual([newest]);
        const listed = (await approvals.list({}, all)).items.map(({ round, isHeld }) => [round, isHeld]);
        expect(listed).toEqual([
          [2, true],
          [1, false],
        ]);
        expect((await approvals.list({ waitingAt: 1 }, all)).total).toBe(1);
        const late = { at: 9_999, by: decision.by, reason: '' };
        expect(await approvals.decide(actionId(1), decision)).toBe(true);
        expect(await approvals.decide(actionId(1), decision)).toBe(false);
        expect(await approvals.expire([actionId(1)], late)).toEqual([]);
        expect((await approvals.list({}, all)).items.map((each) => each.decision?.verdict)).toEqual([
          'approved',
          undefined,
        ]);
      });
      await expectFault(
        store.transact(({ approvals }) => approvals.insert([approvalOf(1, { round: 2 })])),
        'conflict',
      );
    }),
  );
}

function confirmed(makePlace: MakePlace): void {
  test(
    'A confirmation is waited for once, and given to what no agent has said to have.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async ({ tasks }) => {
        await tasks.insert([
          ...taskStates.map((state, index) => taskOf(index, { state })),
          taskOf(20, { state: 'sent', acceptedAt: 5 }),
        ]);
        const ids = [...taskStates.map((_, index) => taskId(index)), taskId(20)];
        const open = [taskId(taskStates.indexOf('pending')), taskId(taskStates.indexOf('sent'))];
        expect((await tasks.awaitConfirmation(ids, 7)).toSorted()).toEqual(open.toSorted());
        expect(await tasks.awaitConfirmation(ids, 8)).toEqual([]);
        expect((await tasks.byId(taskId(1)))?.confirmationAwaitedAt).toBe(7);
        expect((await tasks.confirm(ids, 9)).toSorted()).toEqual(open.toSorted());
        expect(await tasks.byId(taskId(1))).toMatchObject({ confirmedAt: 9, confirmationAwaitedAt: null });
        expect((await tasks.awaitConfirmation(ids, 10)).toSorted()).toEqual(open.toSorted());
      });
    }),
  );
}

const [after, now] = [100, 1_000];

const kinds = [quarantineOf('/a', sha256Of('a')), purgeOf(sha256Of('a')), fetchOf('/a')];

/** Every kind of order, at both sides of each edge. */
function orders(): readonly Partial<Task>[] {
  return taskStates.flatMap((state) =>
    kinds.flatMap((parameters) =>
      [now - after, now - after - 1].flatMap((createdAt) =>
        [null, now - after, now - after - 1].flatMap((confirmedAt) =>
          [null, 950].flatMap((acceptedAt) =>
            [now, now + 1].map((deadline) => ({
              ...{ state, parameters, createdAt, confirmedAt, acceptedAt, deadline },
            })),
          ),
        ),
      ),
    ),
  );
}

async function findUnconfirmed(store: Store): Promise<void> {
  const tasks = orders().map((fields, index) => taskOf(index + 1, { ...fields, actionId: actionId(index + 1) }));
  await plant(store);
  await store.transact(async (transaction) => {
    await transaction.actions.insertAll(tasks.slice(1).map((_, index) => actionOf(index + 2)));
    await transaction.tasks.insert(tasks);
  });
  const expected = tasks.filter((task) => awaitsConfirmation(task, after, now)).map((task) => task.actionId);
  const filter = { unconfirmed: { wantedBefore: now - after, now } };
  const { items } = await store.read(({ actions }) => actions.list(filter, { offset: 0, limit: 1_000 }));
  expect(items.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
  expect(expected).toHaveLength(2 * 2 * 2);
  const standing = await store.read(({ actions }) => actions.standings(filter, now));
  expect(standing).toHaveLength(expected.length);
}

function unconfirmed(makePlace: MakePlace): void {
  test(
    'Actions with orders that wait for a confirmation are found by the very rule that keeps these back.',
    withStore(makePlace, findUnconfirmed),
  );
}
