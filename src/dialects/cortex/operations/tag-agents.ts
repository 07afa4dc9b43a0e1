import { z } from 'zod';
import { tagEndpoints } from '#core/verbs/tag-endpoints.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { demandSome, filteredEndpoints } from '../filtered-endpoints.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({ filters: filtersSchema, tag: z.string('must be a string') });

/** Assign Tags: what endpoints list as server tags. */
export const assignTag: GuardedOperation = {
  method: 'POST',
  paths: callPaths('tags/agents/assign'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  run: (call) => change(call, 'add'),
};

/** Remove Tags: an endpoint that lacks the tag is left as it is. */
export const removeTag: GuardedOperation = {
  method: 'POST',
  paths: callPaths('tags/agents/remove'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  run: (call) => change(call, 'remove'),
};

async function change({ request, ports, principal: by }: GuardedCall, what: 'add' | 'remove'): Promise<Response> {
  const { filters, tag } = readFields(fields, (await readBody(request)).data);
  const endpointIds = await filteredEndpoints(ports, filters);
  demandSome(endpointIds);
  await tagEndpoints(ports, { by, endpointIds, ...{ add: [], remove: [] }, [what]: [tag] });
  return reply(true);
}
