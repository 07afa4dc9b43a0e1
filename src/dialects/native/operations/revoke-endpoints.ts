import { readLine } from '#core/endpoint/label.ts';
import { Fault } from '#core/fault.ts';
import { orderTargets } from '#core/verbs/order-targets.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { guarded } from '../operation.ts';
import { revokeEndpoints as contract } from '../schemas/endpoint.ts';

export const revokeEndpointsOperation = guarded(
  contract,
  { permission: 'endpoints.manage', licence: [] },
  async ({ body: { endpointIds: asked, reason: given } }, { ports, principal }) => {
    const reason = readLine(given, { field: 'reason', longest: 1_000 });
    const endpointIds = await ports.store.read((reader) => orderTargets(reader, asked));
    if (endpointIds.length === 0) {
      throw new Fault('no_target', 'None of these endpoints is enrolled here; nothing was done.');
    }
    const request = { principal, name: 'delete', facts: { dialect: 'native' } };
    const { batchNumber } = await revokeEndpoints(ports, { request, endpointIds, reason });
    const { items: rows } = await ports.store.read(({ fleetActions }) =>
      fleetActions.rows(batchNumber, { offset: 0, limit: endpointIds.length }),
    );
    const known = new Set<string>(endpointIds);
    return {
      endpointIds: rows.filter(({ done }) => done).map(({ endpointId }) => endpointId),
      kept: rows.filter(({ done }) => !done).map(({ endpointId, message }) => ({ endpointId, message })),
      unknown: [...new Set(asked)].filter((id) => !known.has(id)),
      batchNumber,
    };
  },
);
