import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { lightItem } from '../endpoint-item.ts';
import { anyLicence } from '../licences.ts';
import { byId } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

const pageLength = 10_000;

/** Get All Endpoints: a plain list of all, and usually sent without a body. */
export const getEndpoints: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/get_endpoints'),
  access: { permission: 'endpoints.read', licence: anyLicence },
  async run({ request, ports }) {
    await readOptionalBody(request);
    const endpoints = await ports.store.read(allEndpoints);
    return reply(endpoints.map((endpoint) => lightItem(endpoint, ports.clock.now())));
  },
};

async function allEndpoints(reader: Reader): Promise<readonly Endpoint[]> {
  const found: Endpoint[] = [];
  for (;;) {
    const { items, total } = await reader.endpoints.list({}, byId, { offset: found.length, limit: pageLength });
    found.push(...items);
    if (items.length === 0 || found.length >= total) {
      return found;
    }
  }
}
