import type { z } from 'zod';
import { isBatchNumber } from '#core/action/action-id.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { Fault } from '#core/fault.ts';
import type { FleetActionCounts } from '#core/ports/store/fleet-actions.ts';
import { instantOf, nullableInstantOf } from '../instant.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import { listFleetActions, readFleetAction } from '../schemas/fleet-action.ts';

/** What single calls asked of many endpoints. */
export const fleetActionOperations: readonly NativeOperation[] = [
  guarded(
    listFleetActions,
    { permission: 'actions.read', licence: [] },
    async ({ query: { kind, offset, limit } }, { ports }) =>
      ports.store.read(
        async ({ fleetActions }) => {
          const { items, total } = await fleetActions.list(kind === undefined ? {} : { kinds: kind }, {
            offset,
            limit,
          });
          const counts = await fleetActions.counts(items.map(({ batchNumber }) => batchNumber));
          return { items: items.map((action) => show(action, counts.get(action.batchNumber))), total };
        },
        { search: true },
      ),
  ),
  guarded(
    readFleetAction,
    { permission: 'actions.read', licence: [] },
    async ({ parameters, query: page }, { ports }) => {
      const number = Number(parameters.batchNumber);
      const found = await ports.store.read(async ({ fleetActions }) => {
        const action = isBatchNumber(number) ? await fleetActions.byBatchNumber(number) : undefined;
        if (action === undefined) {
          return undefined;
        }
        const counts = await fleetActions.counts([action.batchNumber]);
        const { items, total } = await fleetActions.rows(action.batchNumber, page);
        return { ...show(action, counts.get(action.batchNumber)), rows: [...items], total };
      });
      if (found === undefined) {
        throw new Fault(
          'not_found',
          `There is no fleet action ${parameters.batchNumber}; \`listFleetActions\` has them.`,
          {
            details: { what: 'fleet_action' },
          },
        );
      }
      return found;
    },
  ),
];

function show(
  action: FleetAction,
  { done, failed }: FleetActionCounts = { done: 0, failed: 0 },
): z.input<typeof listFleetActions.reply>['items'][number] {
  const { batchNumber, kind, name, actionId, principal, endpointsCount, cancelledBy } = action;
  return {
    ...{ batchNumber, kind, name, actionId, endpointsCount, done, failed, cancelledBy },
    principal: { kind: principal.kind, id: principal.id, name: principal.name },
    createdAt: instantOf(action.createdAt),
    cancelledAt: nullableInstantOf(action.cancelledAt),
  };
}
