import { Fault } from '#core/fault.ts';
import { guarded } from '../operation.ts';
import { readEndpoint } from '../schemas/endpoint.ts';
import { showEndpoints } from '../show-endpoint.ts';

export const readEndpointOperation = guarded(
  readEndpoint,
  { permission: 'endpoints.read', licence: [] },
  async ({ parameters: { endpointId } }, { ports }) => {
    const [shown] = await ports.store.read(async (reader) => {
      const endpoint = await reader.endpoints.byId(endpointId);
      return endpoint === undefined ? [] : showEndpoints(reader, [endpoint], ports.clock.now());
    });
    if (shown === undefined) {
      throw new Fault('not_found', `There is no endpoint ${endpointId}.`, { details: { what: 'endpoint' } });
    }
    return shown;
  },
);
