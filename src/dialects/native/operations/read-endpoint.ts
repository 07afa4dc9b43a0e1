import { Fault } from '#core/fault.ts';
import { guarded } from '../operation.ts';
import { readEndpoint } from '../schemas/endpoint.ts';
import { showEndpoint } from '../show-endpoint.ts';

export const readEndpointOperation = guarded(
  readEndpoint,
  { permission: 'endpoints.read', licence: [] },
  async ({ parameters: { endpointId } }, { ports }) => {
    const [endpoint, copies] = await ports.store.read(async ({ endpoints, machines }) => [
      await endpoints.byId(endpointId),
      await machines.copiesOf([endpointId]),
    ]);
    if (endpoint === undefined) {
      throw new Fault('not_found', `There is no endpoint ${endpointId}.`, { details: { what: 'endpoint' } });
    }
    return showEndpoint(endpoint, copies, ports.clock.now());
  },
);
