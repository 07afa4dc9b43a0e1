import { describe, expect, test } from 'bun:test';
import type { BatchNumber } from '#core/action/action-id.ts';
import type { ActionFilter } from '#core/ports/store/actions.ts';
import type { Store } from '#core/ports/store/store.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, actionOf, outcomeOf, plant, taskId, taskOf } from './records.ts';

const batch = -2_147_483_648 as BatchNumber;

async function ids(store: Store, filter: ActionFilter): Promise<readonly string[]> {
  const found = await store.read((reader) => reader.actions.list(filter, { offset: 0, limit: 100 }));
  expect(found.total).toBe(found.items.length);
  return found.items.map(({ id }) => id);
}

export function describeActions(makePlace: MakePlace): void {
  describe('keeps actions', () => {
    test(
      'An action comes back as it was given, by id and by batch number.',
      withStore(makePlace, async (store) => {
        const action = actionOf(Number.MAX_SAFE_INTEGER, {
          verb: 'fetch',
          batchNumber: batch,
          ...{ claimedInitiator: 'who"ever', reason: 'because "why"' },
          incidentId: "' or ''='",
        });
        await store.transact((transaction) => transaction.actions.insert(action));
        expect(await store.read((reader) => reader.actions.byId(action.id))).toEqual(action);
        expect(await store.read((reader) => reader.actions.byBatchNumber(batch))).toEqual(action);
        expect(await store.read((reader) => reader.actions.byId(actionId(2)))).toBeUndefined();
        const many = Array.from({ length: 300 }, (_, number) => actionOf(number + 1));
        await store.transact((transaction) => transaction.actions.insertAll(many));
        const some = await store.read((reader) => reader.actions.byIds([actionId(300), actionId(999), actionId(7)]));
        expect(some.toSorted((one, other) => Number(one.id) - Number(other.id))).toEqual([actionOf(7), actionOf(300)]);
        expect(await store.read((reader) => reader.actions.byIds([]))).toEqual([]);
        expect(await ids(store, { incidentId: "' or ''='" })).toEqual([action.id]);
      }),
    );

    test(
      'A taken id or batch number is a conflict; many actions without a batch number are none.',
      withStore(makePlace, async (store) => {
        await store.transact(async (transaction) => {
          await transaction.actions.insert(actionOf(1, { batchNumber: batch }));
          await transaction.actions.insert(actionOf(2));
          await transaction.actions.insert(actionOf(3));
        });
        for (const rival of [actionOf(2), actionOf(4, { batchNumber: batch })]) {
          await expectFault(
            store.transact((transaction) => transaction.actions.insert(rival)),
            'conflict',
          );
        }
      }),
    );

    test(
      'Lists are newest first, of one moment the greatest id, and filters narrow them.',
      withStore(makePlace, async (store) => {
        await store.transact(async (transaction) => {
          await transaction.actions.insert(actionOf(9, { createdAt: 20 }));
          await transaction.actions.insert(actionOf(10, { createdAt: 20, verb: 'restore', incidentId: 'i' }));
          await transaction.actions.insert(actionOf(11, { createdAt: 10, verb: 'fetch', batchNumber: batch }));
          await transaction.actions.insert(
            actionOf(12, { createdAt: 30, principal: { kind: 'key', id: 'k', name: 'n' } }),
          );
        });
        expect(await ids(store, {})).toEqual(['12', '10', '9', '11']);
        expect(await ids(store, { verbs: ['restore', 'fetch'] })).toEqual(['10', '11']);
        expect(await ids(store, { incidentId: 'i' })).toEqual(['10']);
        expect(await ids(store, { principalId: 'k' })).toEqual(['12']);
        expect(await ids(store, { openBatches: true })).toEqual(['11']);
        expect(await ids(store, { createdFrom: 20 })).toEqual(['12', '10', '9']);
        const page = await store.read((reader) => reader.actions.list({}, { offset: 1, limit: 2 }));
        expect([page.total, ...page.items.map(({ id }) => String(id))]).toEqual([4, '10', '9']);
      }),
    );

    test(
      'An action is undelivered until the last file of its last task was delivered.',
      withStore(makePlace, async (store) => {
        await plant(store);
        await store.transact(async (transaction) => {
          await transaction.actions.insert(actionOf(2, { verb: 'fetch', batchNumber: batch }));
          await transaction.tasks.insert([1, 2].map((number) => taskOf(number, { actionId: actionId(2) })));
        });
        const deliver = (task: number, ordinals: readonly number[]) =>
          store.transact(({ outcomes }) => outcomes.markDelivered(taskId(task), ordinals, 5));
        expect(await ids(store, { undelivered: true })).toEqual(['2']);
        await store.transact(({ outcomes }) => outcomes.put([outcomeOf(1, 0), outcomeOf(1, 1)]));
        await deliver(1, [0, 1]);
        expect(await ids(store, { undelivered: true })).toEqual(['2']);
        await store.transact(({ outcomes }) => outcomes.put([outcomeOf(2, 0), outcomeOf(2, 1)]));
        await deliver(2, [1]);
        expect(await ids(store, { undelivered: true, openBatches: true })).toEqual(['2']);
        await deliver(2, [0]);
        expect(await ids(store, { undelivered: true })).toEqual([]);
      }),
    );

    test(
      'A batch is closed once.',
      withStore(makePlace, async (store) => {
        await store.transact((transaction) => transaction.actions.insert(actionOf(1, { batchNumber: batch })));
        const close = (at: number) => store.transact((transaction) => transaction.actions.close(actionId(1), at));
        expect([await close(7), await close(8)]).toEqual([true, false]);
        expect((await store.read((reader) => reader.actions.byId(actionId(1))))?.closedAt).toBe(7);
        expect(await ids(store, { openBatches: true })).toEqual([]);
      }),
    );
  });
}
