import { describe, expect, test } from 'bun:test';
import type { FileOutcome, Task } from '#core/action/action.ts';
import { taskStates } from '#core/action/task-state.ts';
import { outcomes as ends } from '#core/outcome.ts';
import type { ActionFilter } from '#core/ports/store/actions.ts';
import type { Store } from '#core/ports/store/store.ts';
import { describe as derive } from '#core/verbs/describe-action.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, endpointId, outcomeOf, plant, taskId, taskOf } from './records.ts';

const now = 5_000;

interface Kind {
  readonly task: Partial<Task>;
  readonly ends: readonly FileOutcome['outcome'][];
}

/** Every way in which one endpoint can stand. */
const kinds: readonly Kind[] = [
  ...taskStates.flatMap((state) =>
    [null, 2_000].flatMap((acceptedAt) =>
      [4_000, now, 9_000].map((deadline): Kind => ({ task: { state, acceptedAt, deadline }, ends: [] })),
    ),
  ),
  ...([null, 'later', 1] as const).map((ring): Kind => ({ task: { state: 'held', ring }, ends: [] })),
  ...ends.map((end): Kind => ({ task: { state: 'finished' }, ends: [end] })),
  ...ends.flatMap((one) =>
    (['done', 'cancelled', 'expired', 'in_use'] as const).map(
      (other): Kind => ({ task: { state: 'finished' }, ends: [one, other] }),
    ),
  ),
];

/** One for each status, to be put together. */
const parts: readonly Kind[] = [
  ...(['pending', 'running', 'cancelling', 'held', 'cancelled', 'expired'] as const).map(
    (state): Kind => ({ task: { state }, ends: [] }),
  ),
  { task: { state: 'expired', acceptedAt: 2_000 }, ends: [] },
  ...(['done', 'cancelled', 'in_use'] as const).map((end): Kind => ({ task: { state: 'finished' }, ends: [end] })),
  { task: { state: 'finished' }, ends: ['done', 'already_done', 'in_use'] },
];

const orders: readonly (readonly Kind[])[] = [
  ...kinds.map((kind) => [kind]),
  ...parts.flatMap((one) => parts.map((other) => [one, other])),
];

async function fill(store: Store): Promise<ReadonlyMap<string, string>> {
  let id = 0;
  const expected = new Map<string, string>();
  await store.transact(async (transaction) => {
    await transaction.actions.insertAll(orders.map((_, index) => actionOf(index + 10, { endpointsCount: 2 })));
    for (const [index, order] of orders.entries()) {
      const action = actionOf(index + 10);
      const made = order.map((kind, ordinal) => {
        id += 1;
        const task = taskOf(id, { ...kind.task, actionId: action.id, ordinal, endpointId: endpointId(ordinal + 1) });
        return { task, outcomes: kind.ends.map((outcome, place) => outcomeOf(id, place, { outcome })) };
      });
      const tasks = made.map(({ task }) => task);
      const outcomes = made.flatMap((each) => each.outcomes);
      await transaction.tasks.insert(tasks);
      await transaction.outcomes.put(outcomes);
      expected.set(action.id, derive({ action, tasks, outcomes }, now).status);
    }
  });
  return expected;
}

export function describeActionStandings(makePlace: MakePlace): void {
  describe('tells how actions stand', () => {
    test(
      'Every action stands as the rule says, whatever its endpoints did.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        const expected = await fill(store);
        const standings = await store.read(({ actions }) => actions.standings({}, now));
        const found = new Map(standings.map(({ id, status }) => [String(id), String(status)]));
        for (const [action, status] of expected) {
          expect([action, found.get(action)]).toEqual([action, status]);
        }
        expect(new Set(expected.values()).size).toBe(11);
      }),
    );

    test(
      'The newest stands first, the filter narrows, and of what was retried the store does not judge.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        await store.transact(async ({ actions, tasks }) => {
          await actions.insertAll([
            actionOf(8, { createdAt: 1_500 }),
            actionOf(9, { createdAt: 2_000, verb: 'fetch' }),
          ]);
          await tasks.insert([
            taskOf(1, { actionId: actionId(8), state: 'finished' }),
            taskOf(2, { actionId: actionId(8), round: 2 }),
            taskOf(3, { actionId: actionId(9), endpointId: endpointId(2) }),
          ]);
          await tasks.markRetried([{ id: taskId(1), retriedBy: taskId(2) }]);
        });
        expect(await standings(store, {})).toEqual(['9 pending', '8 null']);
        expect(await standings(store, { endpointId: endpointId(2) })).toEqual(['9 pending']);
        expect(await standings(store, { verbs: ['quarantine'], createdFrom: 1_500 })).toEqual(['8 null']);
        expect(await standings(store, { createdFrom: 1_500, createdTo: 2_000 })).toEqual(['8 null']);
        expect(await standings(store, { idContains: '9' })).toEqual(['9 pending']);
        expect(await standings(store, { idContains: '%' })).toEqual([]);
      }),
    );
  });
}

async function standings(store: Store, filter: ActionFilter): Promise<readonly string[]> {
  const found = await store.read(({ actions }) => actions.standings(filter, now));
  return found.map(({ id, status }) => `${id} ${status}`);
}
