import { z } from 'zod';
import { renameEndpoints } from '#core/verbs/rename-endpoints.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { filteredEndpoints } from '../filtered-endpoints.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({ filters: filtersSchema, alias: z.string('must be a string') });

/** Set an Endpoint Alias: true also where nothing matched, as at the vendor. */
export const updateAgentName: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/update_agent_name'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  async run({ request, ports, principal: by }) {
    const { filters, alias } = readFields(fields, (await readBody(request)).data);
    const endpointIds = await filteredEndpoints(ports, filters);
    await renameEndpoints(ports, { by, endpointIds, alias });
    return reply(true);
  },
};
