import { describe, expect, test } from 'bun:test';
import type { Task } from '#core/action/action.ts';
import { endedStates, nextState, type TaskEvent, taskEvents, taskStates } from '#core/action/task-state.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, withStore } from './place.ts';
import { actionId, plant, stateOf, taskId, taskOf } from './records.ts';

const report = { bytes: Uint8Array.of(1, 0, 255), signature: new Uint8Array(64).fill(7) };

/** Lets the event meet every state, and a task that does not exist. */
async function tryEvent(store: Store, event: TaskEvent): Promise<void> {
  await plant(store);
  const tasks = taskStates.map((state, index) => taskOf(index, { state }));
  const moved = await store.transact(async (transaction) => {
    await transaction.tasks.insert(tasks);
    const ids = [...tasks.map(({ id }) => id), taskId(999)];
    return transaction.tasks.transition(ids, event, { acceptedAt: 11, endedAt: 22 });
  });
  const expected = tasks.map((task) => afterEvent(task, event));
  const after = await store.read((reader) => reader.tasks.byAction(actionId(1)));
  expect(after).toEqual(expected);
  const movable = expected.filter((_, index) => nextState(tasks[index]?.state ?? 'held', event) !== undefined);
  const facts = movable.map(({ id, state }) => ({ id, state }));
  expect(moved.toSorted((left, right) => (left.id < right.id ? -1 : 1))).toEqual(facts);
}

function afterEvent(task: Task, event: TaskEvent): Task {
  const state = nextState(task.state, event);
  if (state === undefined) {
    return task;
  }
  return { ...task, state, acceptedAt: 11, endedAt: endedStates.includes(state) ? 22 : null };
}

export function describeTransitions(makePlace: MakePlace): void {
  describe('moves tasks along their life cycle only', () => {
    for (const event of taskEvents) {
      test(
        `The event ${event} moves just the states that the life cycle lets it move, each to its own next state.`,
        withStore(makePlace, (store) => tryEvent(store, event)),
      );
    }

    test(
      'The time of acceptance is set once; without a patch the times stay.',
      withStore(makePlace, async (store) => {
        await plant(store);
        await store.transact(async (transaction) => {
          await transaction.tasks.insert([taskOf(1, { acceptedAt: 5 }), taskOf(2, { acceptedAt: 6 })]);
          await transaction.tasks.transition([taskId(1)], 'accept', { acceptedAt: 50 });
          await transaction.tasks.transition([taskId(2)], 'expire');
          expect(await transaction.tasks.transition([], 'send')).toEqual([]);
        });
        const found = await store.read((reader) => reader.tasks.byIds([taskId(1), taskId(2)]));
        expect(found.map((task) => [task.id, task.state, task.acceptedAt, task.endedAt]).toSorted()).toEqual([
          [taskId(1), 'running', 5, null],
          [taskId(2), 'expired', 6, null],
        ]);
      }),
    );

    test(
      'When it was asked to stop a task is set once: in time where it was open, else late.',
      withStore(makePlace, async (store) => {
        await plant(store);
        await store.transact(async (transaction) => {
          await transaction.tasks.insert([
            taskOf(1),
            taskOf(2, { state: 'running' }),
            taskOf(3, { state: 'finished' }),
          ]);
          const ids = [taskId(1), taskId(2), taskId(3)];
          await transaction.tasks.transition(ids, 'cancel', { endedAt: 5, stopRequestedAt: 5 });
          await transaction.tasks.transition(ids, 'cancel', { endedAt: 6, stopRequestedAt: 6 });
          await transaction.tasks.noteLateStop(ids, 7);
          await transaction.tasks.noteLateStop([taskId(3)], 8);
        });
        const found = await store.read((reader) => reader.tasks.byIds([taskId(1), taskId(2), taskId(3)]));
        expect(found.map((task) => [task.id, task.state, task.stopRequestedAt, task.lateStopAt]).toSorted()).toEqual([
          [taskId(1), 'cancelled', 5, null],
          [taskId(2), 'cancelling', 5, null],
          [taskId(3), 'finished', null, 7],
        ]);
      }),
    );

    test(
      'Of rivals that send and cancel one task, each decides on the state that the other left.',
      withStore(makePlace, async (store) => {
        await plant(store);
        await store.transact((transaction) => transaction.tasks.insert([taskOf(1)]));
        const [sent, cancelled] = await Promise.all([
          store.transact((transaction) => transaction.tasks.transition([taskId(1)], 'send')),
          store.transact((transaction) => transaction.tasks.transition([taskId(1)], 'cancel')),
        ]);
        expect(cancelled.length).toBe(1);
        expect(await stateOf(store, 1)).toBe(sent.length === 1 ? 'cancelling' : 'cancelled');
      }),
    );

    finishes(makePlace);
  });
}

function finishes(makePlace: MakePlace): void {
  test(
    'Reports finish just the tasks that take one, each with its own bytes.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const tasks = taskStates.map((state, index) => taskOf(index, { state, acceptedAt: index === 3 ? 1 : null }));
      const reported = tasks.map(({ id }, index) => ({
        id,
        report: { ...report, bytes: Uint8Array.of(index, 0, 255) },
        acceptedAt: 11,
        endedAt: 22,
      }));
      const moved = await store.transact(async (transaction) => {
        await transaction.tasks.insert(tasks);
        expect(await transaction.tasks.finish([])).toEqual([]);
        return transaction.tasks.finish([...reported, ...reported.map((each) => ({ ...each, endedAt: 99 }))]);
      });
      const takes = tasks.filter(({ state }) => nextState(state, 'report') === 'finished').map(({ id }) => id);
      expect(moved.toSorted()).toEqual(takes.toSorted());
      const after = await store.read((reader) => reader.tasks.byIds(tasks.map(({ id }) => id)));
      for (const [index, before] of tasks.entries()) {
        const expected = takes.includes(before.id)
          ? {
              ...before,
              state: 'finished' as const,
              report: { ...report, bytes: Uint8Array.of(index, 0, 255) },
              acceptedAt: before.acceptedAt ?? 11,
              endedAt: 22,
            }
          : before;
        expect(after.find(({ id }) => id === before.id)).toEqual(expected);
      }
    }),
  );

  test(
    'Two thousand tasks are sent, and finished, each in one transaction.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const tasks = Array.from({ length: 2_000 }, (_, number) => taskOf(number));
      const ids = tasks.map(({ id }) => id);
      await store.transact((transaction) => transaction.tasks.insert(tasks));
      expect((await store.transact((transaction) => transaction.tasks.transition(ids, 'send'))).length).toBe(2_000);
      const moved = await store.transact((transaction) =>
        transaction.tasks.finish(ids.map((id) => ({ id, report, acceptedAt: 1, endedAt: 2 }))),
      );
      expect(moved.length).toBe(2_000);
      expect((await store.read((reader) => reader.tasks.byId(taskId(1_999))))?.report).toEqual(report);
    }),
  );
}
