import { describe, expect, test } from 'bun:test';
import type { Task } from '#core/action/action.ts';
import { deliverableStates, openStates, taskStates } from '#core/action/task-state.ts';
import type { RestoreObjectsParameters, SearchParameters, SearchPattern, UndoParameters } from '#core/action/verb.ts';
import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import { fetchOf, purgeOf, quarantineOf, restoreOf } from '#kit/parameters.ts';
import { type MakePlace, withStore } from './place.ts';
import {
  actionId,
  actionOf,
  endpointId,
  endpointOf,
  outcomeOf,
  pathOf,
  plant,
  sha256Of,
  taskId,
  taskOf,
  vaultObject,
} from './records.ts';

const idsOf = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

export function describeTasks(makePlace: MakePlace): void {
  describe('keeps tasks', () => {
    roundTrips(makePlace);
    manyActions(makePlace);
    fanOuts(makePlace);
    selections(makePlace);
    standings(makePlace);
    newestScans(makePlace);
  });
}

function undoOf(number: number): UndoParameters {
  return { verb: 'undo', actionId: actionId(1), taskId: taskId(number), ifOccupied: 'keep_both' };
}

function objectsOf(to: FilePath): RestoreObjectsParameters {
  const object = { vaultObject: vaultObject(1), ifOccupied: 'swap' } as const;
  return {
    ...{ verb: 'restore_objects', sha256: sha256Of('a') },
    objects: [
      { ...object, to },
      { ...object, to: null },
    ],
  };
}

function searches(path: FilePath): readonly SearchParameters[] {
  const patterns: readonly SearchPattern[] = [
    { by: 'sha256', sha256: sha256Of('a') },
    { by: 'path', path },
    { by: 'glob', glob: '/srv/**/*.exe' },
    { by: 'regex', regex: '\\.(sh|py)$' },
  ];
  return patterns.map((pattern, index) => ({
    verb: 'search',
    pattern,
    live: index > 1,
    under: index > 1 ? path : null,
    limit: 10 + index,
  }));
}

function roundTrips(makePlace: MakePlace): void {
  test(
    'A task comes back as it was given, with paths that are no text.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const odd = filePathSchema.parse(Uint8Array.from([47, 0xff, 0x22, 0x0a, 0xc3]));
      const tasks = [
        taskOf(1, { parameters: fetchOf(odd, '/ü') }),
        taskOf(2, { parameters: quarantineOf(odd, sha256Of('a')), acceptedAt: 1, endedAt: 2 }),
        taskOf(3, {
          parameters: restoreOf(sha256Of('a'), { to: odd, ifOccupied: 'swap', vaultObject: vaultObject(1) }),
          state: 'finished',
          report: { bytes: Uint8Array.of(0, 255, 0), signature: new Uint8Array(0) },
        }),
        taskOf(4, { parameters: { ...quarantineOf(odd, sha256Of('a')), path: null, overrideProtection: true } }),
        taskOf(5, { parameters: purgeOf(sha256Of('a')) }),
        ...searches(odd).map((parameters, index) => taskOf(6 + index, { parameters })),
        taskOf(10, { parameters: { verb: 'logs' } }),
        taskOf(11, { parameters: { verb: 'scan' } }),
        taskOf(12, { parameters: { ...quarantineOf(odd, sha256Of('a')), sha256: null } }),
        taskOf(13, { parameters: undoOf(1) }),
        taskOf(14, { parameters: objectsOf(odd) }),
        taskOf(15, { parameters: { verb: 'plan', sha256: sha256Of('a'), vaultObject: vaultObject(1), to: odd } }),
      ];
      await store.transact((transaction) => transaction.tasks.insert(tasks));
      expect(await store.read((reader) => reader.tasks.byAction(actionId(1)))).toEqual(tasks);
      expect(await store.read((reader) => reader.tasks.byId(taskId(1)))).toEqual(tasks[0]);
      expect(await store.read((reader) => reader.tasks.byIds([taskId(3), taskId(99)]))).toEqual(tasks.slice(2, 3));
      expect(await store.read((reader) => reader.tasks.byIds([]))).toEqual([]);
    }),
  );

  test(
    'Whose a task is, and what for, is told without the rest of it.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const parameters = restoreOf(sha256Of('a'));
      await store.transact((transaction) => transaction.tasks.insert([taskOf(1), taskOf(2, { parameters })]));
      expect(await store.read((reader) => reader.tasks.placesOf([taskId(2), taskId(9)]))).toEqual([
        { id: taskId(2), actionId: actionId(1), endpointId: endpointId(1), verb: 'restore', supersededBy: null },
      ]);
      expect(await store.read((reader) => reader.tasks.placesOf([]))).toEqual([]);
    }),
  );

  test(
    'A task that is taken back keeps the restore because of which it was; one that was before, and its end, do not.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const states = ['pending', 'sent', 'cancelling', 'cancelled'] as const;
      const tasks = states.map((state, index) => taskOf(index + 1, { state }));
      const ids = tasks.map(({ id }) => id);
      await store.transact(async (transaction) => {
        await transaction.tasks.insert(tasks);
        await transaction.tasks.transition(ids, 'cancel', { endedAt: 5, supersededBy: actionId(7) });
      });
      const places = await store.read((reader) => reader.tasks.placesOf(ids));
      expect(new Map(places.map(({ id, supersededBy }) => [id, supersededBy]))).toEqual(
        new Map(ids.map((id, index) => [id, index < 2 ? actionId(7) : null])),
      );
    }),
  );

  test(
    'An action is held while each of its tasks is.',
    withStore(makePlace, async (store) => {
      await plant(store);
      const standing = () =>
        store.read(async ({ tasks }) => [await tasks.areHeld(actionId(1)), (await tasks.onePending(actionId(1)))?.id]);
      await store.transact((transaction) =>
        transaction.tasks.insert([taskOf(1, { state: 'held' }), taskOf(2, { state: 'held' })]),
      );
      expect(await standing()).toEqual([true, undefined]);
      await store.transact((transaction) => transaction.tasks.transition([taskId(2)], 'release'));
      expect(await standing()).toEqual([false, taskId(2)]);
    }),
  );
}

function manyActions(makePlace: MakePlace): void {
  test(
    'Tasks of many actions come by action, then by order in the request.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact(async (transaction) => {
        await transaction.actions.insert(actionOf(9));
        await transaction.actions.insert(actionOf(10));
        await transaction.tasks.insert([
          taskOf(1, { actionId: actionId(10), ordinal: 1 }),
          taskOf(2, { actionId: actionId(10), ordinal: 0 }),
          taskOf(3, { actionId: actionId(9), ordinal: 5 }),
          taskOf(4, { ordinal: 0 }),
        ]);
      });
      const found = await store.read((reader) => reader.tasks.byActions([actionId(10), actionId(9)]));
      expect(idsOf(found)).toEqual([3, 2, 1].map(taskId));
    }),
  );

  test(
    'Of many actions the tasks of one endpoint, and what came of them, come without the others.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const [one, other] = [endpointId(1), endpointId(2)];
      await store.transact(async (transaction) => {
        await transaction.actions.insert(actionOf(9));
        await transaction.tasks.insert([
          taskOf(1, { endpointId: one }),
          taskOf(2, { endpointId: other, ordinal: 1 }),
          taskOf(3, { endpointId: other, actionId: actionId(9) }),
        ]);
        await transaction.outcomes.put([outcomeOf(1, 0), outcomeOf(2, 0), outcomeOf(3, 0)]);
      });
      const found = await store.read(async ({ tasks, outcomes }) => {
        const of = { endpointId: other };
        const ids = [actionId(1), actionId(9)];
        return [await tasks.byActions(ids, of), await outcomes.byActions(ids, of)] as const;
      });
      expect(idsOf(found[0])).toEqual([2, 3].map(taskId));
      expect(found[1].map((outcome) => outcome.taskId)).toEqual([2, 3].map(taskId));
    }),
  );
}

function fanOuts(makePlace: MakePlace): void {
  test(
    "A fan-out of thousands goes in at once and comes back in the request's order.",
    withStore(makePlace, async (store) => {
      await plant(store, 3);
      const tasks = Array.from({ length: 2_345 }, (_, number) =>
        taskOf(9_999 - number, { ordinal: number, endpointId: endpointId((number % 3) + 1) }),
      );
      await store.transact(async (transaction) => {
        await transaction.tasks.insert([]);
        await transaction.tasks.insert(tasks.toReversed());
      });
      expect(await store.read((reader) => reader.tasks.byAction(actionId(1)))).toEqual(tasks);
    }),
  );

  test(
    'A fan-out that asks something else of each endpoint comes back as it was given, beside one that does not.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const tasks = Array.from({ length: 300 }, (_, number) =>
        taskOf(number + 1, {
          endpointId: endpointId((number % 2) + 1),
          ...(number % 3 > 0 && { parameters: undoOf(number) }),
        }),
      );
      await store.transact((transaction) => transaction.tasks.insert(tasks));
      expect(await store.read((reader) => reader.tasks.byAction(actionId(1)))).toEqual(tasks);
    }),
  );

  test(
    'Fan-outs that differ in little go in beside each other, with their bytes, nulls and odd texts.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const odd = filePathSchema.parse(Uint8Array.from([47, 0xff, 0x22, 0x0a, 0xc3]));
      const kinds: readonly Partial<Task>[] = [
        { parameters: quarantineOf(odd, sha256Of('a')) },
        { parameters: quarantineOf(odd, sha256Of('a')), acceptedAt: 7 },
        { parameters: quarantineOf(pathOf('/ü\'"'), sha256Of('a')), state: 'held' },
        { report: { bytes: Uint8Array.of(0, 255), signature: Uint8Array.of(1) }, state: 'finished' },
      ];
      const tasks = Array.from({ length: 400 }, (_, number) =>
        taskOf(number + 1, { ...kinds[number % 4], endpointId: endpointId((number % 2) + 1) }),
      );
      await store.transact((transaction) => transaction.tasks.insert(tasks));
      expect(await store.read((reader) => reader.tasks.byAction(actionId(1)))).toEqual(tasks);
    }),
  );
}

function selections(makePlace: MakePlace): void {
  test(
    'Just the deliverable tasks of these endpoints that are not overdue are handed out, oldest action first.',
    withStore(makePlace, async (store) => {
      await store.transact(async (transaction) => {
        await transaction.endpoints.insert(endpointOf(1));
        await transaction.endpoints.insert(endpointOf(2));
        await transaction.actions.insert(actionOf(1));
        await transaction.tasks.insert([
          ...taskStates.map((state, index) => taskOf(index, { state, createdAt: 500 - index })),
          taskOf(20, { deadline: 2_000 }),
          taskOf(21, { deadline: 2_001, createdAt: 1 }),
          taskOf(22, { endpointId: endpointId(2) }),
        ]);
      });
      const found = await store.read((reader) => reader.tasks.deliverable([endpointId(1)], 2_000));
      const expected = taskStates.map((state, index) => ({ state, id: taskId(index) }));
      const deliverable = expected.filter(({ state }) => deliverableStates.includes(state)).toReversed();
      expect(idsOf(found)).toEqual([taskId(21), ...deliverable.map(({ id }) => id)]);
      expect(await store.read((reader) => reader.tasks.deliverable([], 2_000))).toEqual([]);
    }),
  );

  test(
    'Open tasks are overdue from their deadline on, and no more come than were asked for.',
    withStore(makePlace, async (store) => {
      await plant(store);
      await store.transact((transaction) =>
        transaction.tasks.insert([
          ...taskStates.map((state, index) => taskOf(index, { state, deadline: 100 + index })),
          taskOf(20, { deadline: 201 }),
        ]),
      );
      const open = taskStates.flatMap((state, index) => (openStates.includes(state) ? [taskId(index)] : []));
      expect(idsOf(await store.read((reader) => reader.tasks.overdue(200, 100)))).toEqual(open);
      expect(idsOf(await store.read((reader) => reader.tasks.overdue(201, 100)))).toEqual([...open, taskId(20)]);
      expect((await store.read((reader) => reader.tasks.overdue(200, 2))).length).toBe(2);
      expect(idsOf(await store.read((reader) => reader.tasks.overdue(100, 100)))).toEqual(open.slice(0, 1));
    }),
  );

  test(
    'Quarantines of a hash are unsettled while open, and after expiry if an agent had taken them.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      await store.transact((transaction) =>
        transaction.tasks.insert([
          ...taskStates.map((state, index) => taskOf(index, { state })),
          taskOf(20, { state: 'expired', acceptedAt: 5 }),
          taskOf(21, { state: 'finished', acceptedAt: 5 }),
          taskOf(22, { parameters: restoreOf(sha256Of('evil')) }),
          taskOf(23, { parameters: quarantineOf('/x', sha256Of('other')) }),
          taskOf(24, { endpointId: endpointId(2) }),
        ]),
      );
      const found = await store.read((reader) => reader.tasks.unsettledQuarantines(sha256Of('evil')));
      const open = taskStates.flatMap((state, index) => (openStates.includes(state) ? [taskId(index)] : []));
      expect(idsOf(found).toSorted()).toEqual([...open, taskId(20), taskId(24)].toSorted());
      const endpoints = (text: string) =>
        store.read((reader) => reader.tasks.countUnsettledQuarantines(sha256Of(text)));
      expect([await endpoints('evil'), await endpoints('other'), await endpoints('nowhere')]).toEqual([2, 1, 0]);
    }),
  );

  test(
    'The open quarantines of some hashes on one endpoint are those that are neither ended nor overdue.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      await store.transact((transaction) =>
        transaction.tasks.insert([
          ...taskStates.map((state, index) => taskOf(index, { state })),
          taskOf(20, { deadline: 5_000 }),
          taskOf(21, { endpointId: endpointId(2) }),
          taskOf(22, { parameters: restoreOf(sha256Of('evil')) }),
          taskOf(23, { parameters: quarantineOf('/x', sha256Of('other')) }),
          taskOf(24, { parameters: quarantineOf('/x', sha256Of('third')) }),
        ]),
      );
      const place = { endpointId: endpointId(1), sha256: [sha256Of('evil'), sha256Of('third')] };
      const open = taskStates.flatMap((state, index) => (openStates.includes(state) ? [taskId(index)] : []));
      const at = (now: number) => store.read((reader) => reader.tasks.openQuarantines({ ...place, now }));
      expect(idsOf(await at(5_000)).toSorted()).toEqual([...open, taskId(24)].toSorted());
      expect(idsOf(await at(4_999)).toSorted()).toEqual([...open, taskId(20), taskId(24)].toSorted());
      expect(await at(9_000)).toEqual([]);
    }),
  );
}

function standings(makePlace: MakePlace): void {
  test(
    'Tasks that stand alike are counted, by their first outcome; a text that looks like a detail is none.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      await store.transact(async ({ actions, tasks, outcomes }) => {
        await actions.insert(actionOf(2));
        await tasks.insert([
          taskOf(1),
          taskOf(2, { endpointId: endpointId(2) }),
          taskOf(3, { state: 'finished', acceptedAt: 5 }),
          taskOf(4, { state: 'finished', acceptedAt: 6 }),
          taskOf(5, { state: 'finished', acceptedAt: 6 }),
          taskOf(6, { actionId: actionId(2), state: 'running', acceptedAt: 6, deadline: 100 }),
        ]);
        const rule = { rule: '"cut":"time"' };
        await outcomes.put([
          outcomeOf(3, 0, { details: { cut: 'limit' } }),
          outcomeOf(3, 1, { outcome: 'not_found' }),
          outcomeOf(4, 0, { details: rule }),
          outcomeOf(5, 0, { outcome: 'refused', reason: 'order_rejected' }),
        ]);
      });
      const found = await store.read(({ tasks }) => tasks.tally([actionId(1), actionId(2)], 1_000));
      const pending = { state: 'pending', isAccepted: false, isOverdue: false, outcome: null, reason: null, cut: null };
      const finished = { ...pending, state: 'finished', isAccepted: true };
      const one = actionId(1);
      expect(found).toHaveLength(5);
      expect(found).toEqual(
        expect.arrayContaining([
          { actionId: one, standing: pending, count: 2 },
          { actionId: one, standing: { ...finished, outcome: 'done', cut: 'limit' }, count: 1 },
          { actionId: one, standing: { ...finished, outcome: 'done' }, count: 1 },
          { actionId: one, standing: { ...finished, outcome: 'refused', reason: 'order_rejected' }, count: 1 },
          { actionId: actionId(2), standing: { ...finished, state: 'running', isOverdue: true }, count: 1 },
        ]),
      );
      const firsts = await store.read(({ outcomes }) => outcomes.firstOf([taskId(3), taskId(5), taskId(1)]));
      const whole = await store.read(({ outcomes }) => outcomes.byTasks([taskId(3), taskId(5)]));
      expect(whole.map((each) => [each.taskId, each.ordinal])).toEqual([
        [taskId(3), 0],
        [taskId(3), 1],
        [taskId(5), 0],
      ]);
      expect(firsts.map((first) => [first.taskId, first.ordinal]).toSorted()).toEqual([
        [taskId(3), 0],
        [taskId(5), 0],
      ]);
    }),
  );

  test(
    'What is open of an endpoint is told, and whether its vault may change yet.',
    withStore(makePlace, async (store) => {
      await plant(store, 4);
      await store.transact(({ tasks }) =>
        tasks.insert([
          taskOf(1, { state: 'running' }),
          taskOf(2, { state: 'finished' }),
          taskOf(3, { endpointId: endpointId(2), state: 'expired', acceptedAt: 5 }),
          taskOf(4, { endpointId: endpointId(3), state: 'expired' }),
          taskOf(5, { endpointId: endpointId(4), state: 'running', parameters: { verb: 'logs' } }),
        ]),
      );
      const ends = [1, 2, 3, 4].map(endpointId);
      expect(idsOf(await store.read(({ tasks }) => tasks.openOf(ends)))).toEqual([taskId(1), taskId(5)]);
      const logs = await store.read(({ tasks }) => tasks.openOf(ends, ['logs', 'scan']));
      expect(idsOf(logs)).toEqual([taskId(5)]);
      const counts = await store.read(({ tasks }) => tasks.openCounts(ends));
      expect([...counts].toSorted()).toEqual([
        [endpointId(1), 1],
        [endpointId(4), 1],
      ]);
      const atWork = await store.read(({ tasks }) => tasks.vaultWorkOf(ends));
      expect(atWork.toSorted()).toEqual([endpointId(1), endpointId(2)].toSorted());
    }),
  );
}

function newestScans(makePlace: MakePlace): void {
  test(
    'The newest scan of each endpoint is told, however many digits its action id has.',
    withStore(makePlace, async (store) => {
      await plant(store, 3);
      await store.transact(async ({ actions, tasks }) => {
        await actions.insert(actionOf(9, { verb: 'scan' }));
        await actions.insert(actionOf(10, { verb: 'scan' }));
        const scan = { parameters: { verb: 'scan' } } as const;
        await tasks.insert([
          taskOf(1, { ...scan, actionId: actionId(9) }),
          taskOf(2, { ...scan, actionId: actionId(10), state: 'finished' }),
          taskOf(3, { ...scan, actionId: actionId(9), endpointId: endpointId(2) }),
          taskOf(4, { endpointId: endpointId(3) }),
        ]);
      });
      const latest = await store.read(({ tasks }) => tasks.latestScans([1, 2, 3].map(endpointId)));
      expect(idsOf(latest).toSorted()).toEqual([taskId(2), taskId(3)].toSorted());
    }),
  );
}
