import { describe, expect, test } from 'bun:test';
import type { BatchNumber } from '#core/action/action-id.ts';
import type { SensorAction, SensorActionTarget } from '#core/endpoint/sensor-action.ts';
import { expectFault, type MakePlace, withStore } from './place.ts';
import { actionId, endpointId, plant } from './records.ts';

export function sensorActionOf(number: number, more: Partial<SensorAction> = {}): SensorAction {
  return {
    batchNumber: number as BatchNumber,
    kind: 'Archive',
    principal: { kind: 'user', id: 'u', name: 'ana' },
    argumentsJson: '{"argument":"ü"}',
    createdAt: 1_000,
    actionId: null,
    abortedAt: null,
    abortedBy: null,
    ...more,
  };
}

export function sensorTargetOf(number: number, endpoint: number): SensorActionTarget {
  const place = { batchNumber: number as BatchNumber, endpointId: endpointId(endpoint), ordinal: 9 - endpoint };
  return { ...place, end: 'failed', message: 'why' };
}

const all = { offset: 0, limit: 100 };

export function describeSensorActions(makePlace: MakePlace): void {
  describe('keeps actions on sensors', () => {
    test(
      'They are listed newest first, by kind and by who asked; their endpoints in the order of the request.',
      withStore(makePlace, async (store) => {
        await plant(store, 2);
        const [first, second] = [
          sensorActionOf(-5),
          sensorActionOf(7, { createdAt: 2_000, kind: 'FetchLog', actionId: actionId(1) }),
        ];
        await store.transact(async ({ sensorActions }) => {
          await sensorActions.insert(first, [sensorTargetOf(-5, 1), sensorTargetOf(-5, 2)]);
          await sensorActions.insert(second, [{ ...sensorTargetOf(7, 1), end: null }]);
        });
        await store.read(async ({ sensorActions }) => {
          expect(await sensorActions.list({}, all)).toEqual({ items: [second, first], total: 2 });
          expect((await sensorActions.list({ kinds: ['Archive'] }, all)).items).toEqual([first]);
          expect((await sensorActions.list({ principalId: 'x' }, all)).total).toBe(0);
          expect(await sensorActions.byNumber(-5 as BatchNumber)).toEqual(first);
          expect(await sensorActions.byNumber(5 as BatchNumber)).toBeUndefined();
          expect(await sensorActions.targetsOf([first.batchNumber])).toEqual([
            sensorTargetOf(-5, 2),
            sensorTargetOf(-5, 1),
          ]);
        });
        await expectFault(
          store.transact(({ sensorActions }) => sensorActions.insert(first, [])),
          'conflict',
        );
        const abort = () => store.transact(({ sensorActions }) => sensorActions.abort(first.batchNumber, 5, 'eve'));
        expect([await abort(), await abort()]).toEqual([true, false]);
        const aborted = await store.read(({ sensorActions }) => sensorActions.byNumber(first.batchNumber));
        expect(aborted).toEqual({ ...first, abortedAt: 5, abortedBy: 'eve' });
      }),
    );

    test(
      'An endpoint is archived and revoked once.',
      withStore(makePlace, async (store) => {
        await plant(store, 3);
        const ids = [1, 2].map(endpointId);
        await store.transact(async ({ endpoints }) => {
          expect((await endpoints.setArchived(ids, 5, 'old')).toSorted()).toEqual(ids);
          expect(await endpoints.setArchived([...ids, endpointId(3)], 6, 'older')).toEqual([endpointId(3)]);
          expect(await endpoints.setArchived([endpointId(1)], null, 'back')).toEqual([endpointId(1)]);
          expect(await endpoints.setArchived([endpointId(1)], null, 'back')).toEqual([]);
          expect(await endpoints.revoke([endpointId(2)], 9)).toEqual([endpointId(2)]);
          expect(await endpoints.revoke([endpointId(2)], 10)).toEqual([]);
          expect(await endpoints.revokedAmong(ids)).toEqual([endpointId(2)]);
        });
        const found = await store.read(({ endpoints }) => endpoints.byIds([1, 2, 3].map(endpointId)));
        const shown = found.map(({ archivedAt, archiveReason, revokedAt }) => [archivedAt, archiveReason, revokedAt]);
        expect(shown.toSorted()).toEqual(
          [
            [null, 'back', null],
            [5, 'old', 9],
            [6, 'older', null],
          ].toSorted(),
        );
      }),
    );
  });
}
