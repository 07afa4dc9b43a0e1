import { describe, expect, test } from 'bun:test';
import type { BatchNumber } from '#core/action/action-id.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { endpointId, plant } from './records.ts';

const all = { offset: 0, limit: 100 };

export function fleetActionOf(number: number, more: Partial<FleetAction> = {}): FleetAction {
  return {
    batchNumber: number as BatchNumber,
    kind: 'archive',
    name: 'archive',
    facts: { argument: 'ü', filters: [] },
    actionId: null,
    principal: { kind: 'user', id: 'u', name: 'ana' },
    createdAt: 1_000 + number,
    endpointsCount: 2,
    cancelledAt: null,
    cancelledBy: null,
    ...more,
  };
}

export function describeFleetActions(makePlace: MakePlace): void {
  describe('keeps what was asked of endpoints by one call', () => {
    test(
      'with its rows in order, newest first, by kind and principal; a number is taken once, and cancelled once.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        const other = fleetActionOf(-7, {
          kind: 'unsupported',
          name: 'restart',
          principal: { kind: 'key', id: 'k', name: 'k' },
        });
        const rows = [
          { endpointId: endpointId(2), done: true, message: '' },
          { endpointId: endpointId(1), done: false, message: 'no' },
        ];
        await store.transact(async ({ fleetActions }) => {
          await fleetActions.insert(fleetActionOf(5), rows);
          await fleetActions.insert(
            other,
            rows.map((row) => ({ ...row, done: false })),
          );
        });
        await store.read(async ({ fleetActions }) => {
          expect(await fleetActions.byBatchNumber(-7 as BatchNumber)).toEqual(other);
          expect(await fleetActions.byBatchNumber(6 as BatchNumber)).toBeUndefined();
          expect((await fleetActions.list({}, all)).items).toEqual([fleetActionOf(5), other]);
          expect(await fleetActions.list({ kinds: ['unsupported'] }, all)).toEqual({ items: [other], total: 1 });
          expect(await fleetActions.list({ principalId: 'u' }, { offset: 0, limit: 0 })).toEqual({
            items: [],
            total: 1,
          });
          expect(await fleetActions.rows(5 as BatchNumber, all)).toEqual({ items: rows, total: 2 });
          expect((await fleetActions.rows(5 as BatchNumber, { offset: 1, limit: 1 })).items).toEqual(rows.slice(1));
          expect([...(await fleetActions.counts([5 as BatchNumber, -7 as BatchNumber, 6 as BatchNumber]))]).toEqual(
            expect.arrayContaining([
              [5, { done: 1, failed: 1 }],
              [-7, { done: 0, failed: 2 }],
            ]),
          );
        });
        await store.transact(async ({ fleetActions }) => {
          await fleetActions.cancel(5 as BatchNumber, 9, 'bo');
          await fleetActions.cancel(5 as BatchNumber, 10, 'eve');
          expect(await fleetActions.byBatchNumber(5 as BatchNumber)).toMatchObject({
            cancelledAt: 9,
            cancelledBy: 'bo',
          });
        });
        await expectFault(
          store.transact(({ fleetActions }) => fleetActions.insert(fleetActionOf(5), [])),
          'conflict',
        );
      }),
    );
  });
}
